import { assert, assertEquals, assertLess } from "@std/assert";
import { ReturningSecrets, secretsOf, StreamSecrets } from "../../../../lib/commands/explain/secret_words.ts";

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

Deno.test("StreamSecrets keeps the places of secrets however many reads come behind them", () => {
  const secrets = new StreamSecrets({ isMidway: false, returning: new ReturningSecrets() });
  let text = "";
  const take = (chunk: string): void => {
    secrets.take("client", new TextEncoder().encode(chunk));
    text += chunk;
  };
  const later = (): void => {
    for (let read = 0; read < 400; read++) take("a");
  };
  take("PASS hunter2\r\n");
  take("and so on\r\n");
  later();
  take("\r\nPASS swordfish\r\n");
  later();
  const places = secrets.in("client", [0, text.length]);
  for (const word of ["hunter2", "swordfish"]) {
    const at = text.indexOf(word);
    assert(places.some(([from, to]) => from <= at && to >= at + word.length), `${word}: ${JSON.stringify(places)}`);
  }
  assert(places.length <= 4, `the same place once: ${places.length}`);
});
