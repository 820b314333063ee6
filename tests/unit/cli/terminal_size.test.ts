import { reflowed } from "../../../lib/cli/docs.ts";
import { assert, assertEquals } from "@std/assert";
import { displayWidth, fitted, hanging, wrapped } from "../../../lib/cli/terminal_size.ts";
import { tableLines } from "../../../lib/cli/table.ts";
import { translator } from "../../../lib/cli/texts.ts";

Deno.test("wrapped() keeps a number and its unit, and the digits of a number, on one line", () => {
  assertEquals(wrapped("p99 33,3 мс · всего 20 484 кадра", 10), ["p99", "33,3 мс ·", "всего", "20 484", "кадра"]);
  assertEquals(wrapped("took 12 ms each of 5 servers", 7), ["took", "12 ms", "each of", "5", "servers"]);
});

Deno.test("hanging() puts a text below its name where there are few columns", () => {
  const text = "show how many messages, bytes and milliseconds";
  for (const width of [20, 30, 40, 60, 80]) {
    const lines = hanging("  /stats             ", text, width);
    assert(lines.every((line) => displayWidth(line) <= width), `${width}: ${lines.join("|")}`);
    assertEquals(lines.join(" ").replace(/\s+/g, " ").trim(), `/stats ${text}`);
  }
});

Deno.test("hanging() leaves what belongs to a line above further in than that", () => {
  assertEquals(hanging("      отправлено  ", "0006привет и ещё несколько слов", 30), [
    "      отправлено",
    "          0006привет и ещё",
    "          несколько слов",
  ]);
});

Deno.test("fitted() leaves lines alone where no terminal is", () => {
  const lines = ["x".repeat(500), "a b ".repeat(100)];
  assertEquals(fitted(lines, { isTerminal: () => false }), lines);
});

Deno.test("displayWidth() counts columns, not code units or escape sequences", () => {
  assertEquals(["й", "и\u0306", "山田", "🙂", "\x1b[1mab\x1b[0m", ""].map(displayWidth), [1, 1, 4, 2, 2, 0]);
});

Deno.test("tableLines() becomes a line for each cell where a row does not fit", () => {
  const table = [["run", "frames/s", "p99"], ["1", "3 743", "3.14 ms"], ["", "2 000", ""]];
  assertEquals(tableLines(table, { align: "right", indent: 2, width: 80 }), [
    "  run  frames/s      p99",
    "  1       3 743  3.14 ms",
    "          2 000",
  ]);
  assertEquals(tableLines(table, { indent: 2, width: 20 }), [
    "  1",
    "    frames/s  3 743",
    "    p99       3.14 ms",
    "    frames/s  2 000",
  ]);
});

Deno.test("a text takes the form of a noun that goes with its number", async () => {
  const texts = {
    en: () => Promise.resolve({ x: "{n} {n|byte|bytes}" }),
    ru: () => Promise.resolve({ x: "{n} {n|байт|байта|байт}" }),
  };
  const [en, ru] = [await translator("en", texts), await translator("ru", texts)];
  assertEquals([0, 1, 2, 21, "1 000"].map((n) => en("x", { n })), [
    "0 bytes",
    "1 byte",
    "2 bytes",
    "21 bytes",
    "1 000 bytes",
  ]);
  const counts = [0, 1, 2, 5, 11, 12, 21, 22, 111, "1 001", "1,5"];
  const forms = ["байт", "байт", "байта", "байт", "байт", "байт", "байт", "байта", "байт", "байт", "байта"];
  assertEquals(counts.map((n) => ru("x", { n })), counts.map((n, at) => `${n} ${forms[at]}`));
});

Deno.test("reflowed() fills the terminal with paragraphs and items, and leaves code and tables alone", () => {
  const page =
    "# Title\n\nOne two\nthree.\n\n- an item\n  of two lines\n- `b`\n\n    code  stays\n\n| a | b |\n| - | - |";
  assertEquals(
    reflowed(page, 30),
    "# Title\n\nOne two three.\n\n- an item of two lines\n- `b`\n\n    code  stays\n\n| a | b |\n| - | - |",
  );
  assertEquals(
    reflowed("- one two three four five six seven eight", 30),
    "- one two three four five six\n  seven eight",
  );
});
