import { assert, assertEquals } from "@std/assert";
import { ScramClient } from "../../../lib/auth/scram.ts";
import { formatVerifier, makeVerifier, parseVerifier } from "../../../lib/auth/verifier.ts";
import { decodeText, encodeText } from "../../../lib/protocol/commands.ts";
import { parseReply } from "../../../lib/protocol/replies.ts";
import { AuthDialogue } from "../../../lib/protocol/server_dialogue.ts";
import { FakeWorld, Line, ROUNDS } from "./fake_services.ts";

const PASSWORD = "s3cret-of-anna";
const WRONG = "s3cret-of-nobody";

Deno.test("the log of a full session holds no password, token, verifier, proof or nonce", async () => {
  const world = new FakeWorld();
  const secrets: string[] = [PASSWORD, WRONG, "client-nonce"];
  const logged: string[] = [];
  const verifier = formatVerifier(await makeVerifier(PASSWORD, { salt: world.randomBytes(16), iterations: ROUNDS }));
  secrets.push(verifier, ...verifier.split(/[$:]/).filter((part) => part.length > 20));

  /** One connection: says everything in turn, notes what was logged and every token that was given. */
  async function visit(...messages: (string | ((reply: string) => Promise<string>))[]): Promise<string> {
    const line = new Line(new AuthDialogue(world.services(), { secure: true, language: "en", maxAttempts: 9 }));
    let reply = await line.greeting();
    for (const message of messages) {
      const said = typeof message === "string" ? message : await message(reply);
      if (typeof message !== "string") secrets.push(said, decodeText(said) ?? said);
      reply = await line.say(said);
      const [token] = parseReply(reply).tags.TOKEN ?? [];
      if (token !== undefined) secrets.push(token, ...token.split(".").slice(1));
    }
    logged.push(...line.effects.filter(({ type }) => type === "log").map((effect) => JSON.stringify(effect)));
    return reply;
  }

  const scram = (name: string, password: string) => {
    const client = new ScramClient({ name, password, nonce: "client-nonce" });
    const first = `AUTH SCRAM-SHA-256 ${encodeText(client.first())}`;
    return [first, async (reply: string) => {
      const serverFirst = decodeText(parseReply(reply).text) ?? "";
      secrets.push(serverFirst.slice(2).split(",")[0] ?? "");
      return encodeText(await client.final(serverFirst));
    }] as const;
  };
  const tokenIn = (reply: string): string => parseReply(reply).tags.TOKEN?.[0] ?? "";

  await visit(`REGISTER ${encodeText("anna")} ${verifier}`);
  await visit(`REGISTER ${encodeText("anna")} ${verifier}`, `REGISTER ${encodeText(PASSWORD)} nonsense`);
  await visit("anna", WRONG, WRONG, "*", PASSWORD, "short", "anna", PASSWORD);
  await visit("berta", PASSWORD);
  await visit(...scram("anna", WRONG), ...scram(PASSWORD, WRONG), ...scram("anna", PASSWORD));
  const first = tokenIn(await visit("anna", PASSWORD));
  const second = tokenIn(await visit(`AUTH TOKEN ${first}`));
  world.now += 61_000;
  await visit(
    `AUTH TOKEN ${first}`,
    `AUTH TOKEN ${second}`,
    `AUTH TOKEN ${PASSWORD}`,
    `LOGOUT ${second}`,
    `AUTH ${WRONG}`,
  );
  world.failing = "write";
  await visit("anna", PASSWORD);
  await visit("carla", PASSWORD);

  assert(logged.length > 15, "the session was logged");
  assertEquals(parseVerifier(verifier).iterations, ROUNDS);
  for (const secret of secrets.filter((text) => text.length > 3)) {
    assertEquals(logged.filter((line) => line.includes(secret)), [], "a secret is in the log");
  }
});
