/**
 * `echo-server` without a command: serves until it is told to stop.
 *
 * @module
 */
import type { Invocation } from "../../cli/command.ts";
import { environment } from "../../cli/environment.ts";
import { VERSION } from "../../cli/version.ts";
import type { CommandLine } from "../../cli/options.ts";
import { print, printError, writeError } from "../../cli/output.ts";
import type { CommonKey, Translate } from "../../cli/texts.ts";
import { NetworkError } from "../../base/errors.ts";
import { Certificate, type CertificateFiles } from "../../net/certificate.ts";
import { listen, type OpenListener } from "../../net/listen.ts";
import { AccessList, proxiesIn } from "../../server/access.ts";
import type { Authenticator } from "../../server/authenticator.ts";
import { lastResort } from "../../server/last_resort.ts";
import type { MetricsEndpoint, MetricsOptions } from "../../server/metrics.ts";
import { writePortFile } from "../../server/port_file.ts";
import { DescriptorReserve } from "../../server/reserve.ts";
import type { LogLevel, ServiceLog } from "../../server/log.ts";
import { openServiceLog } from "../../server/service_log.ts";
import { onHangup, stopSignal } from "../../server/signals.ts";
import { Stats } from "../../server/stats.ts";
import { systemdNotifier } from "../../server/systemd.ts";
import type { DatagramOptions } from "../../server/udp.ts";
import type { RingSockets } from "../../net/uring/sockets.ts";
import type { Watch } from "../../server/watch.ts";
import type { WorkerPool } from "../../server/workers/pool.ts";
import { openStore } from "../../store/open.ts";
import type { UserStore } from "../../store/store.ts";
import { chosenFaults, hasFaults } from "../faults/scenarios.ts";
import type { ServerFaults, ServerFaultsOptions } from "./faults.ts";
import { type ServerConfig, serverConfig } from "./config.ts";
import type { SERVER_OPTIONS } from "./options.ts";
import type { Screen } from "./page/mod.ts";
import type { ServeKey } from "./texts.ts";

/** Runs the server; resolves to the exit code when it has ended. */
export async function serveCommand(
  { line, texts, reparse }: Invocation<typeof SERVER_OPTIONS, ServeKey>,
): Promise<number> {
  const config = await serverConfig(line, texts);
  // Wanted for Ctrl-Z at the question for the port.
  Deno.permissions.revokeSync({ name: "run" });
  if (config.checkConfig) return await checkConfig(line, config, await texts());
  using file = await openServiceLog({
    path: config.log,
    level: config.logLevel,
    format: config.logFormat,
    maxSize: config.logMaxSize,
    keep: config.logKeep,
    ...(config.verbose ? { mirror: writeError } : {}),
  });
  let certificate: Certificate | undefined;
  const stats = new Stats();
  const screen = config.page && await screenFor(config, stats);
  const log = screen?.tapped(file) ?? file;
  let access = await accessFrom(line, log);
  using faults = hasFaults(config) ? await openServerFaults(config, { log, stats, texts }) : undefined;
  const gone = new AbortController();
  const reload = async (): Promise<void> => {
    log.reopen();
    await reloadTls(certificate, log);
    const again = await reparse();
    access = await accessFrom(again, log);
    await faults?.reload(again.values);
  };
  using _hangup = onHangup({ reload, leave: () => gone.abort() }, log);
  for (const variable of line.passedOver) log.warn("variable_passed_over", { variable });
  const { mode, framing, maxFrame } = config;
  log.info("start", { pid: Deno.pid, mode, framing: framing.name, max_frame: maxFrame });
  using guard = lastResort(log, stats);
  const permits = (address: string): boolean => access.permits(address);
  try {
    certificate = config.tls && await openTls(config.tls, log);
    await serveUntil(AbortSignal.any([guard.signal, gone.signal]), {
      ...{ config, texts, log, stats, screen, faults, certificate, permits },
    });
    guard.signal.throwIfAborted();
    return 0;
  } catch (error) {
    log.error("error", { error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

/** What a server is made of. */
interface Parts extends ServerFaultsOptions {
  readonly config: ServerConfig;
  readonly screen: Screen | undefined;
  readonly faults: ServerFaults | undefined;
  readonly certificate: Certificate | undefined;
  readonly permits: (address: string) => boolean;
}

/** Opens what it serves with, serves until `ended` or a signal to the process, and closes all that. */
async function serveUntil(ended: AbortSignal, parts: Parts): Promise<void> {
  const { config, log, stats, screen, faults, certificate, permits } = parts;
  using reserve = new DescriptorReserve();
  const onExhausted = (): void => reserve.release();
  const identity = certificate?.current;
  await using metrics = config.metrics === undefined
    ? undefined
    : await openMetrics({ ...config.metrics, stats, version: VERSION, onError: onExhausted, identity });
  if (metrics !== undefined) log.info("listen", { address: metrics.address, purpose: "metrics" });
  await using page = config.page &&
    screen?.open({ ...config.page, tokenFile: config.pageTokenFile, onError: onExhausted });
  if (page !== undefined) log.info("listen", { address: page.address, purpose: "page" });
  const ring = await openEngine(config, log);
  using pool = config.workers > 1 ? await openPool(config.workers, ring !== undefined) : undefined;
  await using store = config.mode === "echo" ? undefined : await openStore(config.store, environment);
  stats.trouble = () => store?.fleet?.trouble();
  const authenticator = store &&
    await authenticatorFor(config, { store: metrics?.timed(store) ?? store, log, stats });
  using stop = stopSignal();
  const signal = AbortSignal.any([stop.signal, ended]);
  using systemd = systemdNotifier(environment);
  const stopping = Promise.withResolvers<void>();
  const onStop = (): void => stopping.resolve(systemd.stopping());
  signal.addEventListener("abort", onStop, { once: true });
  // It may have come while the store was opened.
  if (signal.aborted) onStop();
  const listeners = await openListeners(config, { pool, ring, log });
  using _portFile = writePortFile(config.portFile, listeners);
  await announce(listeners, page, parts);
  reserve.fill();
  // With workers it is they who watch.
  const watch = screen && pool === undefined ? await watchFor(config) : undefined;
  screen?.begin(placesOf(listeners), () => pool?.see() ?? (watch ? [watch.take()] : []));
  // A third of the code of a start: whoever connects meanwhile waits for it in the listener's queue.
  const server = pool ?? await import("../../server/serve.ts");
  await systemd.ready();
  const isProxy = await proxiesIn(config.proxies);
  const serving = server.serve(listeners, {
    ...config,
    ...{ log, stats, permits, signal, onExhausted },
    ...(ring ? { look: () => ring.look() } : {}),
    ...(screen ? { watchedFrames: config.pageFrames, logLevel: atLeastInfo(config.logLevel) } : {}),
    ...(watch ? { watch } : {}),
    ...(isProxy ? { isProxy } : {}),
    ...(authenticator ? { authenticator } : {}),
    ...(identity ? { identity } : {}),
    ...(faults ? { wrap: faults.wrap } : {}),
  });
  const datagrams = { maxFrame: config.maxFrame, log, stats, permits, wrap: faults?.wrapDatagrams };
  await Promise.all([serving, echoDatagrams(listeners, datagrams)]);
  await stopping.promise;
  log.info("stop");
}

/** Those that systemd passes, or that the options name. */
async function openListeners(
  config: ServerConfig,
  { pool, ring, log }: {
    readonly pool: WorkerPool | undefined;
    readonly ring: RingSockets | undefined;
    readonly log: ServiceLog;
  },
): Promise<readonly OpenListener[]> {
  const { hosts, port, strictPort, udp, passed } = config;
  const onBusy = (busy: number): void => log.warn("fallback", { port: busy });
  const listeners = passed.length > 0 && ring !== undefined
    ? await (pool ?? ring).adopt(passed, ring)
    : await (pool ?? { listen }).listen({ hosts, port, strictPort, udp, onBusy, sockets: pool ? undefined : ring });
  for (const address of placesOf(listeners)) log.info("listen", { address });
  return listeners;
}

/** Tells whoever has started the server where it listens. */
async function announce(
  listeners: readonly OpenListener[],
  page: { readonly isSecret: boolean; readonly url: string } | undefined,
  { config, certificate, texts }: Parts,
): Promise<void> {
  if (!config.quiet) {
    const places = placesOf(listeners).join(", ");
    print(config.json ? announcement(listeners, certificate !== undefined) : `Listening on ${places}`);
  }
  if (page !== undefined && (page.isSecret || !config.quiet)) {
    printError((await texts())("serve.page", { url: page.url }));
  }
}

/** `--fault`; nothing of it is loaded without. */
async function openServerFaults(config: ServerConfig, options: ServerFaultsOptions): Promise<ServerFaults> {
  const faults = await import("./faults.ts");
  return await faults.openServerFaults(config, options);
}

/** `--allow` and `--deny`. A list that was given and is empty lets nobody in: the log says so, for few want that. */
async function accessFrom(
  { values: { allow, deny }, source }: CommandLine<typeof SERVER_OPTIONS>,
  log?: ServiceLog,
): Promise<AccessList> {
  const access = await AccessList.from({ allow: source("allow") === undefined ? undefined : allow, deny });
  if (access.isEmpty) log?.warn("nobody_allowed");
  return access;
}

/** `--check-config`: whether a server could start so, short of opening its port. */
async function checkConfig(
  line: CommandLine<typeof SERVER_OPTIONS>,
  config: ServerConfig,
  t: Translate<CommonKey | ServeKey>,
): Promise<number> {
  await accessFrom(line);
  await chosenFaults(config);
  if (config.tls !== undefined) await new Certificate(config.tls).fingerprint();
  if (config.pageTokenFile !== undefined) (await import("./page/access.ts")).readToken(config.pageTokenFile);
  return print(t("serve.config_ok"));
}

/** `--workers`; nothing of it is loaded without. */
async function openPool(workers: number, ring: boolean): Promise<WorkerPool> {
  const { WorkerPool } = await import("../../server/workers/pool.ts");
  const start = (): Worker => new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "server" });
  return new WorkerPool(workers, { ring, start });
}

/**
 * `--engine`: a ring where it is wanted and to be had; nothing of it is loaded without. With workers, each opens one of its
 * own, and this one only tells whether they can. Who does not want it may not call foreign code from here on.
 */
async function openEngine({ engine, passed }: ServerConfig, log: ServiceLog): Promise<RingSockets | undefined> {
  if (engine === "deno") {
    await Deno.permissions.revoke({ name: "ffi" });
    return undefined;
  }
  const { RingSockets } = await import("../../net/uring/sockets.ts");
  try {
    const ring = RingSockets.open();
    if (engine === "auto") log.info("engine", { engine: "io_uring" });
    return ring;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    if (passed.length > 0) {
      const { reason: why = "" } = error.details;
      error.annotate({ problem: "sockets_ring", why, count: passed.length });
    }
    if (engine === "io_uring") throw error;
    log.info("engine", { engine: "deno", reason: error.details["reason"] });
    return undefined;
  }
}

/** The authenticator of the modes with a dialogue; nothing of it is loaded in mode `echo`. */
async function authenticatorFor(
  config: ServerConfig,
  { store, log, stats }: { readonly store: UserStore; readonly log: ServiceLog; readonly stats: Stats },
): Promise<Authenticator> {
  const { mode, language, allowInsecure, maxAttempts, registration } = config;
  const { openAuthenticator, openIdentifier } = await import("../../server/authenticator.ts");
  if (allowInsecure) log.warn("insecure");
  const options = { store, log, stats, language, allowInsecure, maxAttempts, registration };
  return mode === "auth" ? await openAuthenticator(options) : openIdentifier(options);
}

async function openMetrics(options: MetricsOptions): Promise<MetricsEndpoint> {
  const metrics = await import("../../server/metrics.ts");
  return metrics.openMetrics(options);
}

/** `--page`; nothing of it is loaded without. */
async function screenFor(config: ServerConfig, stats: Stats): Promise<Screen> {
  const { Screen } = await import("./page/mod.ts");
  return new Screen({ ...config, frames: config.pageFrames, stats });
}

async function watchFor(config: ServerConfig): Promise<Watch> {
  const { Watcher } = await import("./page/watcher.ts");
  return new Watcher({ ...config, frames: config.pageFrames });
}

/** What workers have to tell the screen, even where the log leaves it out. */
function atLeastInfo(level: LogLevel): LogLevel {
  return level === "debug" ? level : "info";
}

/** `--udp`; nothing of it is loaded without. Ends when the listeners are closed. */
async function echoDatagrams(
  listeners: readonly OpenListener[],
  { wrap = (socket) => socket, ...options }: DatagramOptions & {
    readonly wrap: ServerFaults["wrapDatagrams"] | undefined;
  },
): Promise<void> {
  const sockets = listeners.flatMap(({ datagrams }) => datagrams ?? []);
  if (sockets.length === 0) return;
  const udp = await import("../../server/udp.ts");
  await Promise.all(sockets.map((socket) => udp.echoDatagrams(wrap(socket), options)));
}

/** Every address as people read it. */
function placesOf(listeners: readonly OpenListener[]): string[] {
  return listeners.flatMap(({ address, datagrams }) => datagrams ? [address, `udp ${address}`] : [address]);
}

/** The Listening line for programs; `host`, `port`, `tls` and `udp` are the first listener's. */
function announcement(listeners: readonly OpenListener[], tls: boolean): string {
  const places = listeners.map(({ address, datagrams, listener: { addr } }) =>
    "hostname" in addr
      ? { host: addr.hostname, port: addr.port, ...(tls ? { tls } : {}), ...(datagrams ? { udp: true } : {}) }
      : { host: address }
  );
  return JSON.stringify({ event: "listening", ...places[0], pid: Deno.pid, listeners: places });
}

async function openTls(files: CertificateFiles, log: ServiceLog): Promise<Certificate> {
  const certificate = new Certificate(files);
  log.info("tls_certificate", { cert: files.cert, sha256: await certificate.fingerprint() });
  return certificate;
}

/** From now on new connections get the certificate that is in the files now; where that cannot be used, the old one stays. */
async function reloadTls(certificate: Certificate | undefined, log: ServiceLog): Promise<void> {
  if (certificate === undefined) return;
  try {
    certificate.reload();
    log.info("tls_certificate", { sha256: await certificate.fingerprint() });
  } catch (error) {
    log.error("error", {
      error: `The old certificate stays: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
