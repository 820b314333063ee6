import { assert, assertEquals, assertLess } from "@std/assert";
import { ProgramOutput, StartedProgram } from "../../../../lib/commands/grading/started_program.ts";

function outputOf(...parts: readonly Uint8Array<ArrayBuffer>[]): ProgramOutput {
  const left = parts.values();
  return new ProgramOutput(
    new ReadableStream({
      type: "bytes",
      pull(controller) {
        const { value } = left.next();
        if (value !== undefined) return controller.enqueue(value.slice());
        controller.close();
        controller.byobRequest?.respond(0);
      },
    }),
  );
}

Deno.test("ProgramOutput keeps the beginning and the end of what is longer than it keeps, in bounded memory", async () => {
  const part = new TextEncoder().encode("0123456789\n".repeat(6000));
  const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const output = outputOf(encode("first\n"), ...Array.from({ length: 40 }, () => part), encode("last\n"));
  await output.ended;
  assert(output.isOver);
  assert(output.hasOverflowed);
  assert(output.text.startsWith("first\n0123456789\n"));
  assert(output.text.includes("\n…\n"));
  assert(output.text.endsWith("\n0123456789\nlast\n"));
  assertEquals(output.lastLine, "last");
  assertLess(output.text.length, 1024 * 1024 + 10);
});

Deno.test("ProgramOutput takes a letter whose bytes come apart, and keeps all of a short output", async () => {
  const text = "порт ".repeat(100_000);
  const bytes = new TextEncoder().encode(text);
  const output = outputOf(bytes.slice(0, 65_537), bytes.slice(65_537));
  await output.ended;
  assertEquals(output.text, text);
  assertEquals(output.hasOverflowed, false);
});

Deno.test({
  name: "StartedProgram quotes the beginning of a line that has no end",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using program = new StartedProgram({ command: ["sh", "-c", "printf '%010000d' 1 >&2"] });
    assertEquals(await program.endsWithin(30_000), true);
    assertEquals(program.lastWords, `${"0".repeat(300)}…`);
  },
});

Deno.test({
  name: "StartedProgram has what a C program prints line by line, as a terminal has",
  // What stdbuf(1) does it with is Linux's, and elsewhere in other places.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using program = new StartedProgram({ command: ["sh", "-c", "(echo port 9090; read end) | tr a-z A-Z"] });
    while (!program.stdout.text.includes("PORT 9090\n") && !program.hasEnded) await program.stdout.changed;
    assertEquals(program.hasEnded, false);
  },
});
