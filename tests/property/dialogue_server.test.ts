import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { CHARACTER } from "../support/character.ts";
import { UsageError } from "../../lib/base/errors.ts";
import { encodeText } from "../../lib/protocol/commands.ts";
import { parseReply } from "../../lib/protocol/replies.ts";
import { AuthDialogue } from "../../lib/protocol/server_dialogue.ts";
import { FakeWorld, Line } from "../unit/protocol/fake_services.ts";
import scram from "../vectors/scram.json" with { type: "json" };

const VERIFIER = scram.user.verifier;
const TOKEN = `es1.${"A".repeat(22)}.${"A".repeat(43)}`;

/** What somebody says who knows no password and no token: legal pieces in any order, and noise. */
const FRAME: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.constantFrom(
    "anna",
    "nobody",
    "*",
    "",
    "AUTH",
    `AUTH TOKEN ${TOKEN}`,
    `LOGOUT ${TOKEN}`,
    `REGISTER ${encodeText("anna")} ${VERIFIER}`,
    ...scram.badClients.map(({ clientFirst }) => `AUTH SCRAM-SHA-256 ${encodeText(clientFirst)}`),
    ...scram.badClients.flatMap(({ clientFinal }) => clientFinal === undefined ? [] : [encodeText(clientFinal)]),
    `AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=x")}`,
  ),
  fc.string({ unit: CHARACTER, maxLength: 40 }).filter((text) => text !== scram.user.password),
  fc.uint8Array({ maxLength: 40 }),
);

Deno.test("AuthDialogue accepts nobody as anna, in whatever order frames come", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(FRAME, { maxLength: 12 }), fc.boolean(), async (frames, secure) => {
      const world = new FakeWorld();
      world.users.set("anna", { verifier: VERIFIER, disabled: false });
      const line = new Line(new AuthDialogue(world.services(), { secure, language: "en", maxAttempts: 5 }));
      parseReply(await line.greeting());
      for (const frame of frames) {
        if (line.end !== "") break;
        parseReply(await line.say(frame));
      }
      // A stranger may register a name that nobody has; anna's password is what nobody said.
      assert(line.accepted !== "anna");
      if (!secure) assertEquals([line.accepted, world.users.size], [undefined, 1]);
      assertEquals(world.users.get("anna")?.verifier, VERIFIER);
      assertEquals(line.end === "accept", line.accepted !== undefined);
      if (line.end !== "") {
        await line.say("late").then(() => assert(false), (error) => assert(error instanceof UsageError));
      }
    }),
    { numRuns: 150 },
  );
});
