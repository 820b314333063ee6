/**
 * `echo-client login`, `logout` and `whoami`.
 *
 * @module
 */
import { targetText } from "../../net/dial.ts";
import type { ClientCommand, ClientConfig } from "../connection/config.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { Translate } from "../../cli/messages.ts";
import type { SessionOpener } from "../connection/session_opener.ts";
import { print, printError } from "../../cli/tool.ts";

/** What the commands work with. */
export interface LoginCommandOptions {
  readonly opener: SessionOpener;
  readonly config: ClientConfig;
  readonly t: Translate;
}

/** Runs a command; resolves to the exit code. */
export async function runLoginCommand(
  command: ClientCommand,
  { opener, config, t }: LoginCommandOptions,
): Promise<number> {
  const server = targetText(config.target);
  switch (command) {
    case "login": {
      const { type, name = "", expires, text } = await opener.logIn();
      if (config.json) return print(JSON.stringify({ server, user: name, ...expiry(expires) }));
      if (type === "identified") return print(text);
      const values = { name, ...expiry(expires) };
      return print(t(expires === undefined ? "login.done_plain" : "login.done", values));
    }
    case "logout":
      await opener.logOut();
      if (!config.json) printError(t("login.out"));
      return EXIT.ok;
    case "whoami": {
      const { user, expires } = await opener.whoAmI();
      return print(config.json ? JSON.stringify({ server, user, ...expiry(expires) }) : user);
    }
  }
}

/** RFC 3339, UTC, seconds. */
function expiry(expires: number | undefined): { expires?: string } {
  return expires === undefined ? {} : { expires: `${new Date(expires).toISOString().slice(0, 19)}Z` };
}
