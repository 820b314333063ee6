/**
 * From the command line of `echo-server` to what the server needs.
 *
 * @module
 */
import { join } from "@std/path";
import { environment } from "./environment.ts";
import { type Language, languageFrom, type Translate } from "./messages.ts";
import type { CommandLine, Values } from "./options.ts";
import { SERVER_OPTIONS } from "./server_options.ts";
import { canAsk, Terminal } from "./terminal.ts";

/** All a server is told. */
export type ServerConfig = Omit<Values<typeof SERVER_OPTIONS>, "log"> & {
  /** Path of the log file. */
  readonly log: string;
  /** Language of the replies. */
  readonly language: Language;
};

/**
 * Completes the command line: asks for the port where a person is there to answer.
 *
 * @throws {InputEnded} when the question is left by Ctrl-C or Ctrl-D.
 */
export async function serverConfig(line: CommandLine<typeof SERVER_OPTIONS>, t: Translate): Promise<ServerConfig> {
  const { values } = line;
  const language = languageFrom(values.lang, environment);
  const onlyUnix = values.hosts.every((host) => host.startsWith("unix:"));
  const log = values.log ?? join(values.data, "echo-server.log");
  if (line.given("port") || onlyUnix || !canAsk(values.noInput)) return { ...values, log, language };
  using terminal = new Terminal();
  const { fallback, parse } = SERVER_OPTIONS.port;
  const port = await terminal.ask({ label: t("prompt.port"), fallback, parse }, t);
  return { ...values, log, language, port };
}
