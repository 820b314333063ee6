/**
 * From the command line of `echo-client` to what the client needs.
 *
 * @module
 */
import type { Target } from "../client/connect.ts";
import { UsageError } from "../errors.ts";
import { CLIENT_OPTIONS } from "./client_options.ts";
import type { Translate } from "./messages.ts";
import type { CommandLine, Values } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { parseTarget, targetFrom } from "./values.ts";

/** What a client can do besides conversing. */
export const CLIENT_COMMANDS = ["login", "logout", "whoami"] as const;
/** One of {@linkcode CLIENT_COMMANDS}. */
export type ClientCommand = typeof CLIENT_COMMANDS[number];

/** All a client is told. */
export type ClientConfig = Values<typeof CLIENT_OPTIONS> & {
  readonly target: Target;
  /** `undefined`: converse, or send messages. */
  readonly command: ClientCommand | undefined;
};

/**
 * Completes the command line: asks for host and port where a person is there to answer.
 *
 * @param terminal Where to ask; `undefined` where nobody answers.
 * @throws {UsageError} `unexpected_argument`, `bad_value`
 * @throws {InputEnded} when a question is left by Ctrl-C or Ctrl-D.
 */
export async function clientConfig(
  line: CommandLine<typeof CLIENT_OPTIONS>,
  terminal: (() => Terminal) | undefined,
  t: Translate,
): Promise<ClientConfig> {
  const { values } = line;
  const command = clientCommand(line);
  const [text, extra] = command === undefined ? line.positionals : line.positionals.slice(1);
  if (extra !== undefined) {
    throw new UsageError("unexpected_argument", `Cannot use the argument "${extra}": there is no place for it`, {
      details: { argument: extra },
    });
  }
  const named = text === undefined ? {} : parseArgument(text);
  let host = named.host ?? (text !== undefined || line.given("host") ? values.host : undefined);
  // Half an address is answer enough: `:7000` is on this machine, and a host alone has the default port.
  let port = named.port ?? (line.given("port") || host !== undefined ? values.port : undefined);
  const { host: hostOption, port: portOption } = CLIENT_OPTIONS;
  host ??= await terminal?.().ask({ ...hostOption, label: t("prompt.host") }, t) ?? values.host;
  port ??= await terminal?.().ask({ ...portOption, label: t("prompt.port") }, t) ?? values.port;
  return { ...values, target: targetFrom(host, port), command };
}

/** The command of a command line, if it has one. A host of that name is written with its port. */
export function clientCommand(line: CommandLine<typeof CLIENT_OPTIONS>): ClientCommand | undefined {
  return CLIENT_COMMANDS.find((name) => name === line.positionals[0]);
}

function parseArgument(text: string): { host?: string; port?: number } {
  try {
    return parseTarget(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.code, error.message, { details: { ...error.details, option: "HOST[:PORT]" } });
  }
}
