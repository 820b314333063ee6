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

Deno.test("StreamSecrets finds SASL PLAIN behind letters of a header, in reads of every size", () => {
  const covered = (text: string, size: number): boolean => {
    const secrets = new StreamSecrets({ isMidway: false, returning: new ReturningSecrets() });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += size) secrets.take("client", bytes.slice(at, at + size));
    const places = secrets.in("client", [0, bytes.length]);
    return places.some(([, to]) => to === bytes.length - 1);
  };
  for (const name of ["a", "bo", "eve", "anna", "\u00ff\u00ff", "~~~~~"]) {
    // With less of it than 8 letters it may be any word.
    for (const password of ["pass", "?????", "\u00fe\u00ff\u00fe\u00ff", "correct horse battery"]) {
      for (const identity of ["", "x", "yz"]) {
        const word = btoa(`${identity}\0${name}\0${password}`);
        for (const header of ["", "1", "12", "abc", "0014"]) {
          for (const size of [7, 100, 10_000]) {
            assert(covered(`${header}${word}\n`, size), `${header} ${word} in reads of ${size}`);
          }
        }
      }
    }
  }
});

Deno.test("ReturningSecrets keeps the latest of many secrets, and finds them as they are written elsewhere", () => {
  const returning = new ReturningSecrets();
  returning.add(Array.from({ length: 1000 }, (_, number) => `secret ${number}`));
  const at = (text: string): unknown => returning.in(`said: ${text}`).sort(([a], [b]) => a - b)[0];
  assertEquals(at("secret 999"), [6, 16]);
  assertEquals(at("secret 968"), [6, 16]);
  assertEquals(at(new TextEncoder().encode("secret 970").toHex()), [6, 26]);
  assertEquals(at(encodeURIComponent("secret 971")), [6, 18]);
  assertEquals(at("secret 1"), undefined);
});

Deno.test("ReturningSecrets leaves out what ends before a place, and finds what only begins before it", () => {
  const returning = new ReturningSecrets();
  returning.add(["hunter2"]);
  const text = "hunter2 hunter2 hunt";
  assertEquals(returning.in(text, { from: 10 }), [[8, 15]]);
  assertEquals(returning.in(text, { from: 16, goesOn: true }), [[16, 20]]);
  assertEquals(returning.in(text, { from: 16 }), []);
});
