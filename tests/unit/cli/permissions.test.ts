// What a tool may still do when its command begins: a program that is taken over can do no more.
import { assertEquals } from "@std/assert";
import type { Command, Tool } from "../../../lib/cli/command.ts";
import manifest from "../../../deno.json" with { type: "json" };
import { COMPARE } from "../../../lib/commands/bench/mod.ts";
import { SERVE } from "../../../lib/commands/serve/mod.ts";
import { inRepository } from "../../support/repository.ts";

const NAMES = ["net", "run", "ffi"] as const;

/** What is left of all permissions when a command of this kind begins its work. */
async function left(kind: Partial<Command>): Promise<string[]> {
  const body = `
    const names = ${JSON.stringify(NAMES)};
    console.log(names.filter((name) => Deno.permissions.querySync({ name }).state === "granted").join(" "));`;
  return (await within(body, kind)).split(" ");
}

/** What code in a command of this kind prints, with these permissions. */
async function within(
  body: string,
  kind: Partial<Command>,
  { tool = "echo-server", flags = ["-A"] }: { readonly tool?: Tool; readonly flags?: readonly string[] } = {},
): Promise<string> {
  const script = `
import { command } from ${JSON.stringify(new URL("../../../lib/cli/command.ts", import.meta.url).href)};
import { runTool } from ${JSON.stringify(new URL("../../../lib/cli/tool.ts", import.meta.url).href)};
const texts = { en: () => Promise.resolve({}), ru: () => Promise.resolve({}) };
const probe = command({
  ...{ name: "", examples: [], exits: [], options: {}, texts, ...${JSON.stringify(kind)} },
  run: () => Promise.resolve(() => {${body}
    return Promise.resolve(0);
  }),
});
await runTool([], { tool: ${JSON.stringify(tool)}, commands: [probe] });
`;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, script);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, "--no-prompt", "--no-check", "--quiet", "--config", inRepository("deno.json"), path],
      stdin: "null",
      env: { DENO_TLS_CA_STORE: "system,mozilla", CI_SECRET: "secret" },
    }).output();
    return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(path);
  }
}

/** What somebody who runs code inside a tool would try, and whether it works. */
const ATTEMPTS = `
    const attempts = {
      "start a program": () => new Deno.Command("true").outputSync(),
      "call the C library": () => Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } }),
      "read a variable of others": () => Deno.env.get("CI_SECRET"),
      "read all variables": () => Deno.readTextFileSync("/proc/self/environ"),
      "read its own memory": () => Deno.openSync("/proc/self/mem"),
      "read its own memory map": () => Deno.readTextFileSync("/proc/self/maps"),
      "write to the kernel's settings": () => Deno.openSync("/proc/self/oom_score_adj", { write: true }),
      "read a device": () => Deno.openSync("/dev/mem"),
      "ask for more": () => {
        if (Deno.permissions.requestSync({ name: "run" }).state !== "granted") throw new Error();
      },
      "connect to any address": () => {
        if (Deno.permissions.querySync({ name: "net", host: "192.0.2.1:22" }).state !== "granted") throw new Error();
      },
      "read a file of its user": () => Deno.readTextFileSync("/etc/passwd"),
      "write a file of its user": () => Deno.removeSync(Deno.makeTempFileSync()),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      try {
        attempt();
        console.log(name);
      } catch {
        // It is refused.
      }
    }`;

/** The permissions that a task of deno.json, and a binary, gives. */
function flagsOf(task: string): string[] {
  return task.split(" ").filter((word) => word.startsWith("--allow-"));
}

Deno.test("a command keeps the permissions that it says it needs, and no others", async () => {
  assertEquals(await left({}), ["net"]);
  assertEquals(await left({ startsPrograms: true }), ["net", "run"]);
  assertEquals(await left({ callsLibrary: true }), ["net", "ffi"]);
  assertEquals(await left({ isOffline: true }), [""]);
});

Deno.test("the server starts no programs, and what compares files has no network", () => {
  assertEquals([SERVE.startsPrograms, COMPARE.isOffline], [undefined, true]);
});

Deno.test({
  name: "whoever runs code inside a tool can use files and addresses, and nothing else",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const rest = ["connect to any address", "read a file of its user", "write a file of its user"];
    const { start, client } = manifest.tasks;
    const server = { tool: "echo-server", flags: flagsOf(start.command) } as const;
    const ordinary = { tool: "echo-client", flags: flagsOf(client.command) } as const;
    assertEquals((await within(ATTEMPTS, {}, server)).split("\n"), rest);
    assertEquals((await within(ATTEMPTS, {}, ordinary)).split("\n"), rest);
    const examining = (await within(ATTEMPTS, { startsPrograms: true }, ordinary)).split("\n");
    assertEquals(examining, ["start a program", "ask for more", ...rest]);
  },
});

Deno.test("a permission for all files cannot be narrowed to some of them: the runtime gives it up as a whole", async () => {
  const body = `
    Deno.permissions.revokeSync({ name: "read", path: "/etc" });
    const before = Deno.permissions.querySync({ name: "read", path: "/etc" }).state;
    Deno.permissions.revokeSync({ name: "read" });
    console.log(before, Deno.permissions.requestSync({ name: "read", path: "/tmp" }).state);`;
  assertEquals(await within(body, {}, { flags: flagsOf(manifest.tasks.start.command) }), "granted denied");
});
