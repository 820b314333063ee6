import { assertEquals } from "@std/assert";
import { bytesText } from "../../../../lib/commands/check_client/text.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { crashIn } from "../../../../lib/commands/grading/crash.ts";
import { detectFraming, explainLength } from "../../../../lib/commands/check_client/detect.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const TEXTS = ["hello, server", "привет, мир"];

/** A header of bytes, then text. */
function headed(header: readonly number[], text: string): Uint8Array {
  return Uint8Array.of(...header, ...bytes(text));
}

Deno.test("detectFraming() finds every framing by a message, whether its text is known or not", () => {
  const names = [
    "u64",
    "u8",
    "u16",
    "u16le",
    "u32",
    "u32le",
    "netstring",
    "line",
    "raw",
    "dec:2",
    "dec:8",
    "hex:4",
    "hex:15",
  ];
  for (const name of names) {
    for (const text of TEXTS) {
      const wire = framingFrom(name).encode(bytes(text));
      assertEquals(detectFraming(wire, text)?.framing.name, name, `${name}, known text`);
      assertEquals(detectFraming(wire)?.framing.name, name, `${name}, unknown text`);
    }
  }
});

Deno.test("detectFraming() takes lengths as Python pads them, and several messages at once", () => {
  assertEquals(detectFraming(bytes("13        hello, server"))?.framing.name, "dec:10");
  assertEquals(detectFraming(bytes("        13hello, server"))?.framing.name, "dec:10");
  assertEquals(detectFraming(bytes("0005hello0006server"))?.framing.name, "dec:4");
  assertEquals(detectFraming(framingFrom("varint").encode(bytes("hello, ".repeat(40))))?.framing.name, "varint");
  assertEquals(detectFraming(bytes("hello\r\n"), "hello")?.framing.name, "line");
  assertEquals(detectFraming(bytes("anna: hello"), "hello")?.framing.name, "raw");
});

Deno.test("detectFraming() sees lengths that count something else, in every framing", () => {
  for (
    const [name, wire] of [
      ["u32", headed([0, 0, 0, 11], "привет, мир")],
      ["u16", headed([0, 11], "привет, мир")],
      ["u8", headed([11], "привет, мир")],
      ["dec:4", bytes("0011привет, мир")],
      ["netstring", bytes("11:привет, мир,")],
    ] as const
  ) {
    const { framing, mistake } = detectFraming(wire, "привет, мир") ?? {};
    assertEquals([framing?.name, mistake?.counts, mistake?.announced, mistake?.bytes], [name, "characters", 11, 20]);
  }
  // Java and JavaScript count an emoji as two.
  assertEquals(explainLength(framingFrom("u8"), headed([2], "👋"))?.counts, "characters");
  assertEquals(explainLength(framingFrom("u8"), headed([1], "👋"))?.counts, "characters");
  assertEquals(detectFraming(headed([0, 0, 0, 17], "hello, server"))?.mistake?.counts, "header");
  assertEquals(detectFraming(bytes("0017hello, server"))?.mistake?.counts, "header");
  assertEquals(explainLength(framingFrom("u8"), headed([5], "hello")), undefined);
});

Deno.test("detectFraming() does not guess where nothing fits", () => {
  assertEquals(detectFraming(headed([0, 0, 0, 0, 0, 13], "hello, server"), "hello, server"), undefined);
  assertEquals(detectFraming(headed([0x80, 4, 0x95], "hello, server"), "hello, server"), undefined);
  assertEquals(detectFraming(Uint8Array.of(0xff, 0xfe, 0xfd)), undefined);
});

Deno.test("crashIn() knows the last words of many runtimes, and takes a message for none", () => {
  const traceback =
    'Traceback (most recent call last):\n  File "c.py", line 3, in <module>\n    conn.recv(1)\n    ~~~~~^^^\n';
  assertEquals(
    crashIn(`${traceback}ConnectionResetError: [Errno 104] reset\n`),
    "ConnectionResetError: [Errno 104] reset",
  );
  assertEquals(crashIn(`Exception in thread Thread-1:\n${traceback}OSError: x\n`), "OSError: x");
  assertEquals(crashIn(`${traceback}EOFError: EOF when reading a line\n`), undefined);
  assertEquals(crashIn(`${traceback}EOFError: the server has left\n`), "EOFError: the server has left");
  for (
    const line of [
      "thread 'main' panicked at src/main.rs:4:5:",
      "panic: runtime error: index out of range",
      'Exception in thread "main" java.net.SocketException: Connection reset',
      "Unhandled exception. System.IO.IOException: broken",
      "terminate called after throwing an instance of 'std::runtime_error'",
      "error: Uncaught (in promise) ConnectionReset: x",
    ]
  ) assertEquals(crashIn(`starting\n${line}\nmore\n`), line);
  assertEquals(
    crashIn("node:events:497\n      throw er;\n\nError: read ECONNRESET\n    at TCP.x (node:1:2)\n"),
    "Error: read ECONNRESET",
  );
  assertEquals(crashIn("Error: the server has left\n"), undefined);
});

Deno.test("bytesText() shows headers, half characters and control characters, and harms no terminal", () => {
  assertEquals(bytesText(headed([0, 13], "да")), "\\x00\\rда");
  assertEquals(bytesText(bytes("да").subarray(0, 3)), "д\\xd0");
  assertEquals(bytesText(Uint8Array.of(0x1b, 0x5b, 0x32, 0x4a, 0xff)), "\\x1b[2J\\xff");
});
