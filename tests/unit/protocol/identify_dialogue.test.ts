import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, StorageError, UsageError } from "../../../lib/base/errors.ts";
import type { ReplyLanguage } from "../../../lib/protocol/reply_texts.ts";
import { IdentifyDialogue } from "../../../lib/protocol/server_dialogue.ts";
import { Line } from "./fake_services.ts";

function line(known: string | null, language: ReplyLanguage = "en"): { line: Line; stored: string[] } {
  const stored: string[] = [];
  const services = {
    findHost: () => Promise.resolve(known),
    putHost: (name: string) => Promise.resolve(stored.push(name)),
  };
  return { line: new Line(new IdentifyDialogue(services, { language })), stored };
}

Deno.test("IdentifyDialogue greets a known client by name at once", async () => {
  const { line: client, stored } = line("Anna");
  assertEquals(await client.greeting(), "230 Welcome back, Anna.");
  assertEquals([client.end, client.accepted, client.events, stored], ["accept", "Anna", ["identified"], []]);
});

Deno.test("IdentifyDialogue asks an unknown client for a name, and stores it before it answers", async () => {
  const order: string[] = [];
  const dialogue = new IdentifyDialogue({
    findHost: () => Promise.resolve(null),
    putHost: async (name) => {
      await Promise.resolve();
      order.push(`stored ${name}`);
    },
  }, { language: "en" });
  const client = new Line(dialogue);
  assertEquals(await client.greeting(), "331 What is your name?");
  order.push(await client.say("Anna"));
  assertEquals(order, ["stored Anna", "230 Welcome, Anna."]);
  assertEquals([client.end, client.accepted, client.events], ["accept", "Anna", ["host_named"]]);
});

Deno.test("IdentifyDialogue speaks Russian", async () => {
  const { line: client } = line(null, "ru");
  assertEquals(await client.greeting(), "331 Как вас зовут?");
  assertEquals(await client.say(""), "501 В имени должен быть хотя бы один символ. Как вас зовут?");
  assertEquals(await client.say("Анна"), "230 Добро пожаловать, Анна.");
  assertEquals(await line("Анна", "ru").line.greeting(), "230 С возвращением, Анна.");
});

Deno.test("IdentifyDialogue says what is wrong with a name, and asks again", async () => {
  const { line: client, stored } = line(null);
  await client.greeting();
  assertEquals(await client.say("a".repeat(65)), "501 A name has at most 64 characters. What is your name?");
  assertEquals(await client.say(" Anna"), "501 Spaces may stand between words only, one at a time. What is your name?");
  assertEquals(
    await client.say("An\u202ena"),
    "501 A name may have letters, digits, dots, underscores, hyphens and single spaces. What is your name?",
  );
  assertEquals(await client.say(Uint8Array.of(0xff)), "500 Not understood. What is your name?");
  assertEquals([client.end, stored], ["", []]);
  assertEquals(await client.say(new TextEncoder().encode("Zoe\u0308")), "230 Welcome, Zo\u00eb.");
  assertEquals(stored, ["Zo\u00eb"]);
});

Deno.test("IdentifyDialogue takes a name for a name, whatever it says", async () => {
  const { line: client } = line(null);
  await client.greeting();
  assertEquals(await client.say("AUTH"), "230 Welcome, AUTH.");
});

Deno.test("IdentifyDialogue asks anew where the stored name cannot be shown", async () => {
  assertEquals(await line("\u001b[31m").line.greeting(), "331 What is your name?");
});

Deno.test("IdentifyDialogue closes with 421 when the name cannot be stored", async () => {
  const client = new Line(
    new IdentifyDialogue({
      findHost: () => Promise.resolve(null),
      putHost: () => Promise.reject(new StorageError("cannot_write", "Cannot write: disk full")),
    }, { language: "en" }),
  );
  await client.greeting();
  assertEquals(await client.say("Anna"), "421 Cannot read or store users now, closing: try again later.");
  assertEquals([client.end, client.accepted, client.events], ["close", undefined, ["storage_failed"]]);
});

Deno.test("IdentifyDialogue closes with 421 when the database has left its place", async () => {
  const client = new Line(
    new IdentifyDialogue({
      findHost: () =>
        Promise.reject(
          new ConfigError("bad_store", "Cannot use echo.db: the file was moved", { details: { problem: "moved" } }),
        ),
      putHost: () => Promise.resolve(),
    }, { language: "en" }),
  );
  assertEquals(await client.greeting(), "421 Cannot read or store users now, closing: try again later.");
  assertEquals([client.end, client.events], ["close", ["storage_failed moved"]]);
});

Deno.test("IdentifyDialogue ends a loop of wrong names", async () => {
  const { line: client } = line(null);
  await client.greeting();
  for (let mistake = 1; mistake < 100; mistake++) assertEquals((await client.say("?")).slice(0, 3), "501");
  assertEquals(await client.say("?"), "421 Too many messages without a log-in, closing.");
  assertEquals(client.end, "close");
});

Deno.test("a dialogue takes one message at a time, after its greeting and before its end", async () => {
  const dialogue = new IdentifyDialogue({
    findHost: () => Promise.resolve(null),
    putHost: () => Promise.resolve(),
  }, { language: "en" });
  await assertRejects(() => dialogue.receive("early"), UsageError, "it is new");
  await dialogue.greeting();
  await assertRejects(() => dialogue.greeting(), UsageError, "it is waiting");
  const first = dialogue.receive("Anna");
  await assertRejects(() => dialogue.receive("Berta"), UsageError, "it is answering");
  await first;
  await assertRejects(() => dialogue.receive("late"), UsageError, "it is over");
});

Deno.test("a dialogue hands an error that is no storage error on, and is over", async () => {
  const dialogue = new IdentifyDialogue({
    findHost: () => Promise.reject(new TypeError("a bug")),
    putHost: () => Promise.resolve(),
  }, { language: "en" });
  await assertRejects(() => dialogue.greeting(), TypeError, "a bug");
  await assertRejects(() => dialogue.receive("Anna"), UsageError, "it is over");
});
