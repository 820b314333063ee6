import { assertEquals, assertLess } from "@std/assert";
import { secretsOf } from "../../../../lib/commands/explain/secret_words.ts";

/** Longer than a quadratic search could stand, in characters: that of 256 KiB of tabs took minutes. */
const LONG = 256 * 1024;

Deno.test("Secrets in long messages are found in linear time", () => {
  const began = performance.now();
  for (
    const seed of [
      "\t",
      " ",
      "\0",
      "_",
      "pass ",
      "\x01login:",
      "\npass",
      "\tauthorization:",
      '"pass":"',
      "auth ",
      "a pass ",
      "AUTH\r\n$4\r\n",
      '"login","',
      "<pass>",
      "a1 login ",
      "user x pass ",
    ]
  ) {
    secretsOf(seed.repeat(LONG / seed.length));
  }
  assertLess(performance.now() - began, 20_000);
});

Deno.test("A password behind blanks and control characters is found", () => {
  assertEquals(secretsOf("\x05\t \tPASS hunter2\r\n"), [[9, 16]]);
});
