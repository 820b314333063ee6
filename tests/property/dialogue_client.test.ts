import { assert } from "@std/assert";
import fc from "../support/fast_check.ts";
import { CHARACTER } from "../support/character.ts";
import { EchoError } from "../../lib/base/errors.ts";
import { ClientDialogue } from "../../lib/protocol/client_dialogue.ts";
import { encodeText } from "../../lib/protocol/commands.ts";
import { REPLY_CODES } from "../../lib/protocol/replies.ts";
import scram from "../vectors/scram.json" with { type: "json" };

const PASSWORD = "correct horse battery";
const TOKEN = `es1.${"A".repeat(22)}.${"A".repeat(43)}`;

const GREETING = "331 [AUTH SCRAM-SHA-256 TOKEN PLAIN] Name?";

/** Right for this client's nonce, which is made of zeros: leads on to the server's signature. */
const CHALLENGE = `334 ${encodeText(`r=${"A".repeat(24)}x,s=AAAA,i=4096`)}`;

/** Replies a hostile server could send: any code with any tags, challenges of other exchanges, noise. */
const REPLY: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(
    fc.constantFrom(...Object.keys(REPLY_CODES)),
    fc.constantFrom(
      "",
      "[AUTH SCRAM-SHA-256 TOKEN PLAIN] ",
      "[AUTH PLAIN] ",
      "[AUTH] ",
      `[TOKEN ${TOKEN} 2026-01-01T00:00:00Z] `,
      `[SCRAM ${encodeText("v=AAAA")}] `,
      `[SCRAM ${encodeText("e=unknown-user")}] `,
      "[TAKEN] ",
    ),
    fc.oneof(
      fc.constantFrom("hello", ...scram.badServers.map(({ serverFirst }) => encodeText(serverFirst))),
      fc.string({ unit: CHARACTER }),
    ),
  ).map(([code, tags, text]) => `${code} ${tags}${text}`),
  fc.constantFrom(CHALLENGE, "530 Log-in incorrect.", "535 Invalid.", "332 Password?"),
  fc.string({ unit: CHARACTER }),
);

Deno.test("ClientDialogue answers any replies with a step or an EchoError, and sends no secret on an open network", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(REPLY, { maxLength: 8 }),
      fc.boolean(),
      fc.boolean(),
      async (replies, secure, registers) => {
        const dialogue = new ClientDialogue({
          secure,
          token: TOKEN,
          iterations: 4096,
          randomBytes: (count) => new Uint8Array(count),
          source: {
            name: () => Promise.resolve("anna"),
            credential: ({ canRegister }) => {
              const type = registers && canRegister ? "registration" : "password";
              return Promise.resolve({ type, password: PASSWORD } as const);
            },
          },
        });
        let provenBy: string | undefined;
        for (const reply of [GREETING, ...replies]) {
          const step = await dialogue.receive(reply).catch((error: unknown) => error);
          if (step instanceof Error) {
            assert(step instanceof EchoError, `${step}`);
            assert(!`${step.message} ${JSON.stringify(step.details)}`.includes(PASSWORD));
            return;
          }
          const said = JSON.stringify(step);
          assert(!said.includes(PASSWORD), "SCRAM was offered");
          if (!secure) assert(!said.includes(TOKEN) && !said.includes("REGISTER"));
          if (said.includes('"done"')) provenBy = reply;
        }
        // Without a token or a registration nothing but the server's signature ends a log-in well.
        if (!secure) assert(provenBy === undefined);
      },
    ),
    { numRuns: 300 },
  );
});
