/**
 * From the command line of `echo-client` to what the client needs.
 *
 * @module
 */
import type { Target } from "../../net/dial.ts";
import { readAuthority, type TlsTrust } from "../../net/tls_client.ts";
import { UsageError } from "../../base/errors.ts";
import { CLIENT_OPTIONS } from "./options.ts";
import type { Translate } from "../../cli/messages.ts";
import type { CommandLine, Values } from "../../cli/options.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { parseTarget, targetFrom } from "../../cli/values.ts";

/** What a client can do besides conversing. */
export const CLIENT_COMMANDS = ["login", "logout", "whoami"] as const;
/** One of {@linkcode CLIENT_COMMANDS}. */
export type ClientCommand = typeof CLIENT_COMMANDS[number];

/** All a client is told. */
export type ClientConfig = Omit<Values<typeof CLIENT_OPTIONS>, "tls" | "ca" | "tlsName"> & {
  /** Whom to trust; `undefined` for a connection in plain text. */
  readonly tls: TlsTrust | undefined;
  readonly target: Target;
  /** `undefined`: converse, or send messages. */
  readonly command: ClientCommand | undefined;
};

/**
 * Completes the command line: asks for host and port where a person is there to answer.
 *
 * @param terminal Where to ask; `undefined` where nobody answers.
 * @throws {UsageError} `unexpected_argument`, `bad_value`, `tls_usage`
 * @throws {ConfigError} `bad_tls_file`
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
  const target = targetFrom(host, port);
  return { ...values, tls: tlsTrust(values, target), target, command };
}

/**
 * Whom to trust when connecting to `target`; `undefined` for a connection in plain text.
 *
 * @throws {UsageError} `tls_usage`
 * @throws {ConfigError} `bad_tls_file`
 */
export function tlsTrust(
  { tls, ca, tlsName }: Pick<Values<typeof CLIENT_OPTIONS>, "tls" | "ca" | "tlsName">,
  target: Target,
): TlsTrust | undefined {
  if (!tls) {
    // Whoever names an authority must not find out later that everything went in plain text.
    if (ca !== undefined || tlsName !== undefined) throw tlsUsage(ca === undefined ? "--tls-name" : "--ca", "tls_off");
    return undefined;
  }
  if (target.transport === "unix") throw tlsUsage("--tls", "tls_unix");
  return {
    ...ca === undefined ? {} : { authority: readAuthority(ca) },
    ...tlsName === undefined ? {} : { name: tlsName },
  };
}

function tlsUsage(option: string, problem: "tls_off" | "tls_unix"): UsageError {
  const why = problem === "tls_off" ? "it works with --tls only" : "Unix sockets need no TLS";
  return new UsageError("tls_usage", `Cannot use ${option}: ${why}`, { details: { option, problem } });
}

/** The command of a command line, if it has one. A host of that name is written with its port. */
export function clientCommand(line: CommandLine<typeof CLIENT_OPTIONS>): ClientCommand | undefined {
  return CLIENT_COMMANDS.find((name) => name === line.positionals[0]);
}

/**
 * The argument that says where to connect to.
 *
 * @throws {UsageError} `bad_value`
 */
export function parseArgument(text: string): { host?: string; port?: number } {
  try {
    return parseTarget(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.code, error.message, { details: { ...error.details, option: "HOST[:PORT]" } });
  }
}
