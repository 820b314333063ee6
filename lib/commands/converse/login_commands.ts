/**
 * `echo-client login`, `logout` and `whoami`.
 *
 * @module
 */
import type { Invocation } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { print, printError, printText } from "../../cli/output.ts";
import { explainError } from "../../cli/texts.ts";
import { targetText } from "../../net/dial.ts";
import { prepare } from "./opening.ts";
import type { LOG_IN_OPTIONS, SESSION_OPTIONS } from "./options.ts";
import type { ConverseKey } from "./texts.ts";

/** `login`: logs in and keeps the session. */
export async function logInCommand({ line, texts }: Invocation<typeof LOG_IN_OPTIONS, ConverseKey>): Promise<number> {
  const t = await texts();
  using opening = await prepare(line, { t, asksAddress: true });
  const { config, opener } = opening;
  const { type, name = "", expires, text } = await opener.logIn();
  if (line.values.json) {
    return print(JSON.stringify({ server: targetText(config.target), user: name, ...expiry(expires) }));
  }
  if (type === "identified") return printText(text);
  const done = expires === undefined ? "login.done_plain" : opener.keeps ? "login.done" : "login.done_unkept";
  return printText(t(done, { name, ...expiry(expires) }));
}

/** `logout`: revokes the kept session and forgets it. */
export async function logOutCommand({ line, texts }: Invocation<typeof SESSION_OPTIONS, ConverseKey>): Promise<number> {
  const t = await texts();
  using opening = await prepare(line, { t, asksAddress: false });
  const untold = await opening.opener.logOut();
  if (untold !== undefined) printError(t("login.out_here", { reason: explainError(untold, t) }));
  else if (!line.values.json) printError(t("login.out"));
  return EXIT.ok;
}

/** `whoami`: the user of the kept session, as the server sees it now. */
export async function whoAmICommand({ line, texts }: Invocation<typeof SESSION_OPTIONS, ConverseKey>): Promise<number> {
  using opening = await prepare(line, { t: await texts(), asksAddress: false });
  const { config, opener } = opening;
  const { user, expires } = await opener.whoAmI();
  return print(
    line.values.json ? JSON.stringify({ server: targetText(config.target), user, ...expiry(expires) }) : user,
  );
}

/** RFC 3339, UTC, seconds. */
function expiry(expires: number | undefined): { expires?: string } {
  return expires === undefined ? {} : { expires: `${new Date(expires).toISOString().slice(0, 19)}Z` };
}
