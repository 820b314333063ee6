// The log of a full session of every kind: what it must hold, and what it must never hold.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeText, encodeText } from "../../lib/protocol/commands.ts";
import { AuthClient, codeOf, PASSWORD, prove, registration, replyOf } from "../support/auth.ts";
import { QUICK_VERIFIER, startAuth, VERIFIER } from "../support/auth.ts";
import { startServer } from "../support/tools.ts";

const WRONG = "s3cret-wrong-password";
const CHOSEN = "s3cret-chosen-password";
const NONCE = "s3cret-client-nonce";

for (const format of ["text", "json"]) {
  Deno.test(`echo-server --log-format ${format} --log-level debug logs no secret in a full session of every kind`, async () => {
    await using server = await startAuth(["anna"], { args: ["--log-level", "debug", "--log-format", format] });
    const secrets = new Set([PASSWORD, WRONG, CHOSEN, NONCE, ...partsOf(VERIFIER), ...partsOf(QUICK_VERIFIER)]);

    /** Says it, and takes note of every token that comes back. */
    async function say(client: AuthClient, message: string): Promise<string> {
      const answer = await client.say(message);
      const [token] = codeOf(answer) === "235" ? replyOf(answer).tags.TOKEN ?? [] : [];
      if (token !== undefined) partsOf(token).forEach((part) => secrets.add(part));
      return answer;
    }

    /** One connection; the last answer. */
    async function visit(...messages: readonly string[]): Promise<string> {
      await using client = await AuthClient.to(server.port);
      let answer = "";
      for (const message of messages) answer = await say(client, message);
      return answer;
    }

    async function scram(name: string, password: string): Promise<string> {
      await using client = await AuthClient.to(server.port);
      const challenge = await client.challenge(name, NONCE);
      const { message, serverFinal } = await prove(challenge, password);
      const proof = decodeText(message)?.split("p=")[1] ?? "";
      [challenge.nonce, challenge.nonce.slice(NONCE.length), message, proof, serverFinal.slice(2)].forEach((secret) =>
        secrets.add(secret)
      );
      return await say(client, message);
    }

    const token = (answer: string): string => replyOf(answer).tags.TOKEN?.[0] ?? "";
    assertEquals(codeOf(await visit(registration("berta"))), "235");
    assertEquals(codeOf(await visit(registration("berta"), `REGISTER ${encodeText(WRONG)} nonsense`, WRONG)), "333");
    assertEquals(codeOf(await visit("carla", CHOSEN)), "235");
    assertEquals(codeOf(await visit("carla", WRONG, "carla", "short", `AUTH PLAIN ${encodeText(WRONG)}`)), "501");
    assertEquals(codeOf(await visit("dora", "short", `AUTH ${WRONG}`, `${WRONG} REGISTER`, "", "\u001b[31m")), "501");
    assertEquals(codeOf(await scram("anna", PASSWORD)), "235");
    assertEquals(codeOf(await scram("anna", WRONG)), "530");
    assertEquals(codeOf(await scram(WRONG, WRONG)), "530", "a password in the place of the name");
    const first = token(await visit("anna", PASSWORD));
    const second = token(await visit(`AUTH TOKEN ${first}`));
    assertEquals(codeOf(await visit(`AUTH TOKEN ${second.slice(0, -1)}`, `AUTH TOKEN ${WRONG}`)), "535");
    assertEquals(codeOf(await visit(`LOGOUT ${second}`, `LOGOUT ${WRONG}`, `LOGOUT ${first}`)), "220");
    assertEquals(codeOf(await visit(`AUTH TOKEN ${second}`, WRONG, "x", WRONG)), "333");
    {
      // What is echoed is not logged either.
      await using client = await AuthClient.to(server.port);
      await client.scram("anna");
      assertEquals(await client.say(WRONG), WRONG);
    }
    await server.stop();
    const log = server.log();
    for (const secret of secrets) assertEquals(log.includes(secret), false, `in the log: ${secret}`);
    for (const secret of secrets) assertEquals(log.includes(encodeText(secret)), false, `in base64: ${secret}`);
    assert(secrets.size > 30, `${secrets.size} secrets were looked for`);
    for (const event of ["new user", "logged in", "log-in refused", "logged in by token", "logged out"]) {
      assert(log.includes(event), event);
    }
    assertMatch(log, format === "text" ? /DEBUG .* message not understood/ : /"level":"debug".*"event":"mistake"/);
  });

  for (const mode of ["identify", "auth"]) {
    Deno.test(`echo-server --mode ${mode} --log-format ${format} logs nothing raw of what strangers say`, async () => {
      const args = ["--mode", mode, "--log-level", "debug", "--log-format", format, "--max-attempts", "100"];
      await using server = await startServer({ args });
      {
        await using client = await AuthClient.to(server.port);
        for (const name of [...STRANGE, ...STRANGE.map((text) => `AUTH TOKEN ${text}`)]) {
          assertMatch(await client.say(name), /^5\d\d /, "refused, and asked again");
          if (mode === "auth") {
            const answer = await client.say(`AUTH SCRAM-SHA-256 ${encodeText(`n,,n=${name},r=x`)}`);
            assertEquals(codeOf(codeOf(answer) === "334" ? await client.say("x") : answer)[0], "5");
          }
        }
      }
      await server.stop();
      // Line ends are the log's own, one a line; all else is printable.
      assertEquals(server.log().match(/[\p{Cc}\p{Cf}\u2028\u2029]/gu)?.filter((char) => char !== "\n"), []);
      for (const line of server.log().trimEnd().split("\n")) {
        assertMatch(
          line,
          format === "text" ? /^\d{4}-\d\d-\d\dT[\d:.]+Z [A-Z]+ +\S+ / : /^\{.*\}$/,
          "one event a line",
        );
      }
    });
  }
}

/** Colour, a bell, another title, an overwritten line, a second line, right-to-left override, an invisible character. */
const STRANGE = [
  "\u001b[31mred",
  "\u0007",
  "\u001b]0;title\u0007",
  "anna\rroot",
  "x\n2026-01-01T00:00:00.000Z INFO  - logged in name=root",
  "\u202eadmin",
  "an\u200bna",
  "\u009b31m",
  "\u2066x\u2069",
];

/** A secret, and what it is made of. */
function partsOf(secret: string): string[] {
  return [secret, ...secret.split(/[$:.]/).filter((part) => part.length > 20)];
}
