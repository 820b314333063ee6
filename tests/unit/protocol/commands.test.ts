import { assertEquals } from "@std/assert";
import { type Command, decodeText, encodeText, isCommand, parseCommand } from "../../../lib/protocol/commands.ts";

const NAMES = [
  "Anna",
  "",
  "auth",
  "Auth",
  "AUTHOR",
  "AUTHx SCRAM",
  " AUTH",
  "LOGOUTS",
  "HELP",
  "QUIT now",
  "REGISTER\t",
];
for (const text of NAMES) {
  Deno.test(`parseCommand() takes ${JSON.stringify(text)} for a name`, () => {
    assertEquals(parseCommand(text), { type: "name", text });
    assertEquals(isCommand(text), false);
  });
}

const COMMANDS: Readonly<Record<string, Command>> = {
  "AUTH": { type: "bad", reason: "bad_mechanism" },
  "AUTH ": { type: "bad", reason: "bad_mechanism" },
  "AUTH SCRAM-SHA-256": { type: "bad", reason: "bad_mechanism" },
  "AUTH SCRAM-SHA-1 biws": { type: "bad", reason: "bad_mechanism" },
  "AUTH scram-sha-256 biws": { type: "bad", reason: "bad_mechanism" },
  "AUTH PLAIN AGEAYg==": { type: "bad", reason: "bad_mechanism" },
  "AUTH TOKEN": { type: "bad", reason: "bad_mechanism" },
  "AUTH TOKEN a b": { type: "bad", reason: "bad_mechanism" },
  "AUTH TOKEN x": { type: "token", token: "x" },
  "AUTH SCRAM-SHA-256 biws": { type: "scram", clientFirst: "n,," },
  "AUTH SCRAM-SHA-256 biw": { type: "bad", reason: "bad_sasl" },
  "AUTH SCRAM-SHA-256 =": { type: "bad", reason: "bad_sasl" },
  "AUTH SCRAM-SHA-256 /w==": { type: "bad", reason: "bad_sasl" },
  "REGISTER": { type: "bad", reason: "bad_register" },
  "REGISTER QW5uYQ==": { type: "bad", reason: "bad_register" },
  "REGISTER Anna! v": { type: "bad", reason: "bad_register" },
  "REGISTER QW5uYQ== v": { type: "register", name: "Anna", verifier: "v" },
  "LOGOUT": { type: "bad", reason: "bad_token" },
  "LOGOUT ": { type: "bad", reason: "bad_token" },
  "LOGOUT a b": { type: "bad", reason: "bad_token" },
  "LOGOUT x": { type: "logout", token: "x" },
};
for (const [message, command] of Object.entries(COMMANDS)) {
  Deno.test(`parseCommand() reads ${JSON.stringify(message)}`, () => {
    assertEquals(parseCommand(message), command);
    assertEquals(isCommand(message), true);
  });
}

Deno.test("decodeText() reads what encodeText() writes", () => {
  for (const text of ["", "n,,n=Анна,r=x", "\u0000"]) assertEquals(decodeText(encodeText(text)), text);
});
