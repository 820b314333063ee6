import { assertEquals, assertMatch } from "@std/assert";
import { inRepository } from "../../../support/repository.ts";

/** Starts a program that leaves a daemon without parent, session and environment of its own, and says which. */
const SCRIPT = `
import { Orphans } from ${JSON.stringify(new URL("../../../../lib/commands/grading/orphans.ts", import.meta.url).href)};
import { StartedProgram } from ${
  JSON.stringify(new URL("../../../../lib/commands/grading/started_program.ts", import.meta.url).href)
};
const shell = 'env -i setsid sh -c "echo \\\\$\\\\$; exec sleep 600 >/dev/null 2>&1" &';
await using _orphans = new Orphans();
const { state } = Deno.permissions.querySync({ name: "ffi" });
await using program = new StartedProgram({ command: ["sh", "-c", shell] });
await program.endsWithin(30_000);
console.log(state, program.stdout.text.trim());
`;

Deno.test({
  name: "Orphans ends what an examined program has left behind, and keeps no permission for foreign code",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const path = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      await Deno.writeTextFile(path, SCRIPT);
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "--quiet", "--config", inRepository("deno.json"), path],
        stdin: "null",
        env: { DENO_TLS_CA_STORE: "system,mozilla" },
      }).output();
      const text = new TextDecoder().decode(stdout).trim();
      assertMatch(text, /^(prompt|denied) \d+$/, new TextDecoder().decode(stderr));
      const { success: isAlive } = new Deno.Command("kill", { args: ["-0", text.split(" ")[1] ?? ""], stderr: "null" })
        .outputSync();
      assertEquals(isAlive, false, "the daemon is alive");
    } finally {
      await Deno.remove(path);
    }
  },
});
