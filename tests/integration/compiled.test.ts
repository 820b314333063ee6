import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Buffer } from "node:buffer";
import "reflect-metadata";
import { runTool, toolPath } from "../support/tools.ts";

const root = fromFileUrl(new URL("../../", import.meta.url));

/** A line of a trace: what was called, and where in the sources. */
interface Frame {
  readonly called: string;
  readonly path: string;
  readonly line: number;
}

function framesOf(trace: string): Frame[] {
  return [
    ...trace.matchAll(
      /^ +at (?:async )?(?:new )?(?:(\S+) )?\(?file:.*\/deno-compile-[^/]+\/((?:lib\/\S+|server|client)\.ts):(\d+):/gm,
    ),
  ]
    .map(([, called = "", path = "", line = ""]) => ({ called, path, line: Number(line) }));
}

for (
  const [tool, args] of [
    ["echo-server", ["--host", "bad host"]],
    ["echo-server", ["--no-input", "--data", "/dev/null"]],
    ["echo-client", ["-m", "x", "127.0.0.1:1"]],
    ["echo-client", ["bench", "--duration", "never"]],
  ] as const
) {
  Deno.test(`${tool} ${args.join(" ")} --debug: the trace names the lines of the sources`, async () => {
    const { stderr } = await runTool(tool, [...args, "--debug"]);
    const frames = framesOf(stderr);
    assert(frames.length >= 3, stderr);
    // V8 keeps ten frames; before the first await they go on to the entry point.
    const first = [tool === "echo-server" ? "server.ts" : "client.ts", "lib/cli/tool.ts"];
    const count = stderr.match(/^ +at /gm)?.length ?? 0;
    if (count < 10) assert(first.includes(frames.at(-1)?.path ?? ""), stderr);
    // Whoever was called is named where it was called from.
    for (const [at, { called }] of frames.entries()) {
      const caller = frames[at + 1];
      if (caller === undefined || !/^[a-z]\w+$/.test(called)) continue;
      // The registry calls the work of every command by one name.
      if (caller.path === "lib/cli/command.ts") continue;
      const line = Deno.readTextFileSync(root + caller.path).split("\n")[caller.line - 1] ?? "";
      assertStringIncludes(line, called, stderr);
    }
  });
}

Deno.test("classes of packages keep their names, which some packages look at", async () => {
  const folder = new URL("../../dist/.bundles/echo-server/", import.meta.url);
  const file = [...Deno.readDirSync(folder)].find(({ name }) => name.startsWith("x509"));
  const { X509Certificate, BasicConstraintsExtension } = await import(new URL(file?.name ?? "", folder).href);
  assertEquals([X509Certificate.name, BasicConstraintsExtension.name], [
    "X509Certificate",
    "BasicConstraintsExtension",
  ]);
});

for (const tool of ["echo-server", "echo-client"] as const) {
  Deno.test(`${tool} loads no module of node: at its start`, () => {
    const folder = new URL(`../../dist/.bundles/${tool}/`, import.meta.url);
    const eager = new Set([tool.replace("echo-", "") + ".js"]);
    for (const file of eager) {
      const text = Deno.readTextFileSync(new URL(file, folder));
      for (const [, module = ""] of text.matchAll(/^(?:import|export)\b[^;]*?"([^"]+)";/gm)) {
        assert(module.startsWith("./"), `${file}: ${module}`);
        eager.add(module.slice(2));
      }
    }
    // The entry, and what it imports in one file: docs/adr/0007-bundling.md.
    assertEquals(eager.size, 2);
  });

  Deno.test(`${tool} does not tell where it was made`, () => {
    assertEquals(Buffer.from(Deno.readFileSync(toolPath(tool)).buffer).includes(root), false);
  });
}
