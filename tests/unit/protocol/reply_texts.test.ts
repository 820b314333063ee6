import { assertEquals, assertNotEquals } from "@std/assert";
import { parseReply } from "../../../lib/protocol/replies.ts";
import { REPLY_TEXTS, replyText } from "../../../lib/protocol/reply_texts.ts";

const { en, ru } = REPLY_TEXTS;
const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

Deno.test("REPLY_TEXTS has the same keys in both languages", () => {
  assertEquals(Object.keys(ru), Object.keys(en));
});

for (const [key, text] of Object.entries(en)) {
  Deno.test(`REPLY_TEXTS says ${key} in both languages, with the same details`, () => {
    const russian = Object.entries(ru).find(([other]) => other === key)?.[1] ?? "";
    assertEquals(holes(russian), holes(text));
    assertNotEquals(russian, text);
    assertEquals(/[а-яё]/i.test(russian), true);
    for (const said of [text, russian]) assertEquals(parseReply(`500 ${said}`).text, said);
  });
}

Deno.test("replyText() fills the details in, and leaves what it has none for", () => {
  assertEquals(replyText("name_too_long", "en", { max: 64 }), "A name has at most 64 characters. What is your name?");
  assertEquals(replyText("welcome", "ru"), "Добро пожаловать, {name}.");
  assertEquals(replyText("welcome", "en", { name: "{max}" }), "Welcome, {max}.");
});
