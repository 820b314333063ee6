// What a tool may still do when its command begins: a program that is taken over can do no more.
import { assertEquals } from "@std/assert";
import type { Command } from "../../../lib/cli/command.ts";
import { COMPARE } from "../../../lib/commands/bench/mod.ts";
import { SERVE } from "../../../lib/commands/serve/mod.ts";
import { inRepository } from "../../support/repository.ts";

const NAMES = ["net", "run", "ffi"] as const;

/** What is left of all permissions when a command of this kind begins its work. */
async function left(kind: Partial<Command>): Promise<string[]> {
  const script = `
import { command } from ${JSON.stringify(new URL("../../../lib/cli/command.ts", import.meta.url).href)};
import { runTool } from ${JSON.stringify(new URL("../../../lib/cli/tool.ts", import.meta.url).href)};
const texts = { en: () => Promise.resolve({}), ru: () => Promise.resolve({}) };
const probe = command({
  ...{ name: "", examples: [], exits: [], options: {}, texts, ...${JSON.stringify(kind)} },
  run: () => Promise.resolve(() => {
    const names = ${JSON.stringify(NAMES)};
    console.log(names.filter((name) => Deno.permissions.querySync({ name }).state === "granted").join(" "));
    return Promise.resolve(0);
  }),
});
await runTool([], { tool: "echo-server", commands: [probe] });
`;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, script);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", "--config", inRepository("deno.json"), path],
      stdin: "null",
      env: { DENO_TLS_CA_STORE: "system,mozilla" },
    }).output();
    return (new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr)).split(" ");
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a command keeps the permissions that it says it needs, and no others", async () => {
  assertEquals(await left({}), ["net"]);
  assertEquals(await left({ startsPrograms: true }), ["net", "run"]);
  assertEquals(await left({ callsLibrary: true }), ["net", "ffi"]);
  assertEquals(await left({ isOffline: true }), [""]);
});

Deno.test("the server starts no programs, and what compares files has no network", () => {
  assertEquals([SERVE.startsPrograms, SERVE.asksSystem, COMPARE.isOffline], [undefined, undefined, true]);
});
