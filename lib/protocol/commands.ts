/**
 * What a client may say where a name is asked for. A message whose first word is `AUTH`, `REGISTER` or `LOGOUT`, in
 * capitals, is a command; everything else is a name, `auth` and `AUTHOR` included.
 *
 * @module
 */
import { parseBase64, utf8 } from "../base/bytes.ts";
import { tryDecodeUtf8 } from "../base/text.ts";

/** A message in the place of a name. `bad` is a command that cannot be carried out as it is. */
export type Command =
  | { readonly type: "name"; readonly text: string }
  | { readonly type: "scram"; readonly clientFirst: string }
  | { readonly type: "token"; readonly token: string }
  /** `TokenHalves.open` of a token; what is sealed with the other half comes next. */
  | { readonly type: "sealed"; readonly open: string }
  | { readonly type: "register"; readonly name: string; readonly verifier: string; readonly invitation?: string }
  | { readonly type: "logout"; readonly token: string }
  | { readonly type: "bad"; readonly reason: "bad_mechanism" | "bad_sasl" | "bad_register" | "bad_token" };

/** Whether a message would be taken for a command, so that no plain log-in could give it as a name. */
export function isCommand(message: string): boolean {
  return /^(?:AUTH|REGISTER|LOGOUT)(?: |$)/.test(message);
}

/**
 * Reads a message that stands where a name is asked for. Whether a token is well-formed is not looked at.
 *
 * @example
 * ```ts
 * import { parseCommand } from "./commands.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseCommand("AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9eA=="), {
 *   type: "scram",
 *   clientFirst: "n,,n=user,r=x",
 * });
 * assertEquals(parseCommand("Author Anna"), { type: "name", text: "Author Anna" });
 * ```
 */
export function parseCommand(message: string): Command {
  if (!isCommand(message)) return { type: "name", text: message };
  const [command, ...args] = message.split(" ");
  const [first = "", second = "", third] = args;
  if (command === "LOGOUT") {
    return args.length === 1 && first !== "" ? { type: "logout", token: first } : bad("bad_token");
  }
  if (command === "REGISTER" && args.length === 3 && second !== "" && third) {
    const name = decodeText(first);
    return name === undefined ? bad("bad_register") : { type: "register", name, verifier: second, invitation: third };
  }
  if (args.length !== 2 || second === "") return bad(command === "REGISTER" ? "bad_register" : "bad_mechanism");
  if (command === "REGISTER") {
    const name = decodeText(first);
    return name === undefined ? bad("bad_register") : { type: "register", name, verifier: second };
  }
  if (first === "SEALED") return { type: "sealed", open: second };
  if (first === "TOKEN") return { type: "token", token: second };
  if (first !== "SCRAM-SHA-256") return bad("bad_mechanism");
  const clientFirst = decodeText(second);
  return clientFirst === undefined ? bad("bad_sasl") : { type: "scram", clientFirst };
}

/** A SASL message as it travels: base64 of its UTF-8. */
export function encodeText(text: string): string {
  return utf8(text).toBase64();
}

/** Reads {@linkcode encodeText}'s text; `undefined` when it is no canonical base64 of UTF-8. */
export function decodeText(base64: string): string | undefined {
  const bytes = parseBase64(base64);
  return bytes && tryDecodeUtf8(bytes);
}

function bad(reason: "bad_mechanism" | "bad_sasl" | "bad_register" | "bad_token"): Command {
  return { type: "bad", reason };
}
