/**
 * What the client makes of replies that lead no further.
 *
 * @module
 */
import { parseToken } from "../auth/tokens.ts";
import { type LoginCode, LoginError, ProtocolError, UsageError } from "../base/errors.ts";
import { escapeText } from "../base/text.ts";
import { parseExpiry, type Reply } from "./replies.ts";

/** The token of a reply, and its end. */
export function readToken({ tags }: Reply): { readonly token?: string; readonly expires?: number } {
  if (tags.TOKEN === undefined) return {};
  const [token = "", expiry = "", ...rest] = tags.TOKEN;
  const expires = parseExpiry(expiry);
  if (parseToken(token) !== undefined && expires !== undefined && rest.length === 0) return { token, expires };
  throw new ProtocolError("bad_reply", "Cannot read the server's reply: its session token is malformed");
}

const REFUSALS: Readonly<Record<LoginCode, string>> = {
  login_incorrect: "name or password is wrong",
  insecure_connection: "nothing secret is sent over an unencrypted connection",
  token_invalid: "the session token is invalid or expired",
  too_many_attempts: "too many attempts failed",
  busy: "the server takes no log-in now",
  name_taken: "the name is taken",
  not_invited: "a registration needs an invitation that is good",
  server_unproven: "the server has not proved that it knows the saved session",
  not_logged_in: "there is no session",
};

/** The server said no. */
export function refused(code: LoginCode, { code: reply, text }: Reply): LoginError {
  return new LoginError(code, `Cannot log in: ${REFUSALS[code]}`, { details: { reply, text: escapeText(text) } });
}

/** What the client does not take for a log-in: `open`, a server that lets anybody in; `plain`, one that wants the password. */
export function downgrade(problem: "open" | "plain"): ProtocolError {
  const what = problem === "open" ? "the server asks for no log-in" : "the server offers no SCRAM";
  return new ProtocolError("downgrade", `Cannot log in: ${what}`, { details: { problem: `downgrade_${problem}` } });
}

/** Nobody gave a name. */
export function noName(): UsageError {
  return new UsageError("bad_value", "Cannot log in: there is no name");
}

/** Not a reply of this dialogue at this place. */
export function unexpected({ code, text }: Reply): never {
  throw new ProtocolError("bad_reply", `Cannot go on with the dialogue: the server answered ${code}`, {
    details: { reply: code, text: escapeText(text) },
  });
}
