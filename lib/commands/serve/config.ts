/**
 * From the command line of `echo-server` to what the server needs.
 *
 * @module
 */
import { join } from "@std/path/posix/join";
import { certificateFiles } from "../../cli/certificate_files.ts";
import { environment } from "../../cli/environment.ts";
import { type Language, languageFrom, type Translate } from "../../cli/texts.ts";
import { isLocalHost } from "../../base/address.ts";
import { UsageError } from "../../base/errors.ts";
import { MAX_WORKERS } from "../../base/limits.ts";
import type { CertificateFiles } from "../../net/certificate.ts";
import type { CommandLine, Values } from "../../cli/options.ts";
import { hasFaults } from "../faults/scenarios.ts";
import type { StoreLocation } from "../../store/location.ts";
import { locationFrom } from "../../store/open.ts";
import { SERVER_OPTIONS } from "./options.ts";
import { canAsk } from "../../cli/output.ts";
import { passedSockets } from "../../server/systemd.ts";

export type ServerConfig = Omit<Values<typeof SERVER_OPTIONS>, "log" | "store" | "tlsCert" | "tlsKey" | "workers"> & {
  /** Descriptors of sockets that systemd has passed, in place of `hosts` and `port`. */
  readonly passed: readonly number[];
  /** Path of the log file. */
  readonly log: string;
  /** Where users, sessions and hosts are. */
  readonly store: StoreLocation;
  /** Language of the replies. */
  readonly language: Language;
  /** Where the certificate is; without one, everything is in plain text. */
  readonly tls: CertificateFiles | undefined;
  /** How many threads serve; with 1 it is the main one. */
  readonly workers: number;
};

/**
 * Completes the command line: asks for the port where a person is there to answer.
 *
 * @throws {UsageError} `bad_value`, `tls_usage`, `udp_usage`, `workers_usage`, `socket_usage`, `fault_usage`
 * @throws {InputEnded} when the question is left by Ctrl-C or Ctrl-D.
 */
export async function serverConfig(
  line: CommandLine<typeof SERVER_OPTIONS>,
  texts: () => Promise<Translate>,
): Promise<ServerConfig> {
  const { values } = line;
  const language = languageFrom(values.lang, environment);
  const onlyUnix = values.hosts.every((host) => host.startsWith("unix:"));
  const log = values.log ?? join(values.data, "echo-server.log");
  const tls = certificateFiles({ cert: values.tlsCert, key: values.tlsKey });
  checkProxies(values);
  checkUdp(values);
  checkFaults(values);
  const passed = passedSockets(environment, Deno.pid);
  checkPassed(passed, line);
  // Deno's own sockets cannot take a descriptor over.
  const engine = passed.length > 0 ? "io_uring" : values.engine;
  const store = locationFrom({ ...values, isArgument: line.source("store") === "argument" });
  const config = { ...values, store, log, language, tls, passed, engine, workers: workersFrom(values) };
  if (
    passed.length > 0 || line.source("port") !== undefined || onlyUnix || values.checkConfig || !canAsk(values.noInput)
  ) {
    return config;
  }
  const t = await texts();
  // Loaded when it is wanted: a server without a terminal starts without it.
  const { Terminal } = await import("../../cli/terminal.ts");
  using terminal = new Terminal();
  const { fallback, parse } = SERVER_OPTIONS.port;
  const port = await terminal.ask({ label: t("prompt.port"), fallback, parse }, t);
  return { ...config, port };
}

/**
 * Workers share a port by SO_REUSEPORT: Linux alone spreads connections over those who do, and a Unix socket has none of
 * it. `auto` makes do with one worker then.
 */
function workersFrom({ workers, hosts, ...choice }: Values<typeof SERVER_OPTIONS>): number {
  if (hasFaults(choice)) return 1;
  const unix = hosts.find((host) => host.startsWith("unix:"));
  const isPossible = Deno.build.os === "linux" && unix === undefined;
  if (workers === "auto") return isPossible ? Math.min(navigator.hardwareConcurrency, MAX_WORKERS) : 1;
  if (workers === 1 || isPossible) return workers;
  const problem = unix === undefined ? "workers_system" : "workers_unix";
  throw new UsageError("workers_usage", `Cannot use --workers ${workers} here`, {
    details: { problem, workers, option: `--host ${unix ?? ""}`, system: Deno.build.os },
  });
}

/** What cannot be had beside sockets that were passed. Variables may be for all servers of a machine: they give way. */
function checkPassed(passed: readonly number[], { values, source }: CommandLine<typeof SERVER_OPTIONS>): void {
  if (passed.length === 0) return;
  const refuse = (problem: string, option: string): never => {
    throw new UsageError("socket_usage", `Cannot use sockets passed by systemd with ${option}`, {
      details: { problem, option, count: passed.length },
    });
  };
  if (values.engine === "deno" && source("engine") !== undefined) refuse("sockets_engine", "--engine deno");
  if (values.udp) refuse("sockets_option", "--udp");
  for (const [key, option] of [["hosts", "--host"], ["port", "--port"], ["strictPort", "--strict-port"]] as const) {
    if (source(key) === "argument") refuse("sockets_option", option);
  }
}

/** What a balancer says counts only where one is trusted. */
function checkProxies({ proxyTls, proxies }: Values<typeof SERVER_OPTIONS>): void {
  if (!proxyTls || proxies.length > 0) return;
  throw new UsageError("tls_usage", "Cannot use --proxy-tls without --proxy-protocol", {
    details: { option: "--proxy-tls", missing: "--proxy-protocol", problem: "tls_pair" },
  });
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

/** Faults are for this machine alone, unless somebody insists; and their plan is one thread's. */
function checkFaults({ hosts, workers, allowFaults, ...choice }: Values<typeof SERVER_OPTIONS>): void {
  if (!hasFaults(choice)) return;
  const refuse = (problem: string, option: string): never => {
    throw new UsageError("fault_usage", `Cannot use faults with ${option}`, { details: { problem, option } });
  };
  const outside = hosts.find((host) => !host.startsWith("unix:") && !isLocalHost(host));
  if (outside !== undefined && !allowFaults) refuse("fault_public", `--host ${outside}`);
  if (workers !== 1 && workers !== "auto") refuse("fault_workers", `--workers ${workers}`);
}
