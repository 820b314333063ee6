/**
 * From the command line of `echo-server` to what the server needs.
 *
 * @module
 */
import { join } from "@std/path";
import { environment } from "./environment.ts";
import { type Language, languageFrom, type Translate } from "./messages.ts";
import { UsageError } from "../errors.ts";
import type { CertificateFiles } from "../server/certificate.ts";
import type { CommandLine, Values } from "./options.ts";
import { SERVER_OPTIONS } from "./server_options.ts";
import { canAsk, Terminal } from "./terminal.ts";

/** All a server is told. */
export type ServerConfig = Omit<Values<typeof SERVER_OPTIONS>, "log" | "tlsCert" | "tlsKey"> & {
  /** Path of the log file. */
  readonly log: string;
  /** Language of the replies. */
  readonly language: Language;
  /** Where the certificate is; without one, everything is in plain text. */
  readonly tls: CertificateFiles | undefined;
};

/**
 * Completes the command line: asks for the port where a person is there to answer.
 *
 * @throws {UsageError} `tls_usage`, `udp_usage`
 * @throws {InputEnded} when the question is left by Ctrl-C or Ctrl-D.
 */
export async function serverConfig(line: CommandLine<typeof SERVER_OPTIONS>, t: Translate): Promise<ServerConfig> {
  const { values } = line;
  const language = languageFrom(values.lang, environment);
  const onlyUnix = values.hosts.every((host) => host.startsWith("unix:"));
  const log = values.log ?? join(values.data, "echo-server.log");
  const tls = tlsFrom(values);
  checkUdp(values);
  if (line.given("port") || onlyUnix || !canAsk(values.noInput)) return { ...values, log, language, tls };
  using terminal = new Terminal();
  const { fallback, parse } = SERVER_OPTIONS.port;
  const port = await terminal.ask({ label: t("prompt.port"), fallback, parse }, t);
  return { ...values, log, language, tls, port };
}

/** What datagrams cannot have: a dialogue, TLS, a Unix socket. */
function checkUdp({ udp, mode, tlsCert, hosts }: Values<typeof SERVER_OPTIONS>): void {
  if (!udp) return;
  const refuse = (problem: string, option: string): never => {
    throw new UsageError("udp_usage", `Cannot use --udp with ${option}`, { details: { problem, option } });
  };
  if (mode !== "echo") refuse("udp_no_dialogue", `--mode ${mode}`);
  if (tlsCert !== undefined) refuse("udp_no_tls", "--tls-cert");
  if (hosts.every((host) => host.startsWith("unix:"))) refuse("udp_no_host", `--host ${hosts[0] ?? ""}`);
}

function tlsFrom({ tlsCert: cert, tlsKey: key }: Values<typeof SERVER_OPTIONS>): CertificateFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  const [option, missing] = cert === undefined ? ["--tls-key", "--tls-cert"] : ["--tls-cert", "--tls-key"];
  throw new UsageError("tls_usage", `Cannot use ${option} without ${missing}`, {
    details: { option, missing, problem: "tls_pair" },
  });
}
