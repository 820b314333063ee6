/**
 * `--metrics HOST:PORT`: the server's numbers for Prometheus, and whether it is alive and ready, over HTTP. Loaded only
 * when asked for.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { hostPort } from "../base/address.ts";
import { listenAlone } from "../net/listen.ts";
import type { TlsIdentity } from "../net/certificate.ts";
import type { DialogueEvent } from "../protocol/effects.ts";
import type { Denial } from "./connection_limiter.ts";
import { LOGINS } from "./carry_dialogue.ts";
import type { Overdue } from "./deadlines.ts";
import { type HttpResponse, HttpServer } from "./http.ts";
import type { UserStore } from "../store/store.ts";
import type { Stats } from "./stats.ts";
import type { Ignored } from "./udp.ts";

/** A metrics endpoint that is open. */
export interface MetricsEndpoint extends AsyncDisposable {
  /** Where it listens: `127.0.0.1:9100`. */
  readonly address: string;
  /** The store, with the time of each call noted. */
  timed(store: UserStore): UserStore;
}

/** How often the event loop's delay is measured, in ms. */
const LOOP_PROBE = 250;

/** Where the endpoint listens, and what it tells. */
export interface MetricsOptions {
  readonly host: string;
  readonly port: number;
  readonly stats: Stats;
  /** Of this program. */
  readonly version: string;
  /** What TLS clients are greeted with now. */
  readonly identity?: (() => TlsIdentity) | undefined;
  /** A client could not be accepted; it is tried again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Opens the endpoint: `/metrics`, `/healthz` (200 while the process lives), `/readyz` (503 before the server listens,
 * while it drains, and while it cannot reach its database).
 *
 * @throws {NetworkError} `port_busy`, `permission`, `address_unavailable`, `host_not_found`
 */
export function openMetrics({ host, port, stats, version, identity, onError }: MetricsOptions): MetricsEndpoint {
  const listener = listenAlone({ hostname: host, port });
  const registry = new Registry();
  const storeSeconds = describe(registry, stats);
  describeProcess(registry, version);
  if (identity !== undefined) describeCertificate(registry, identity);
  const probe = probeLoop(registry);
  const respond = async (path: string): Promise<HttpResponse> => {
    switch (path) {
      case "/metrics":
        await stats.refresh();
        return { status: 200, body: await registry.metrics(), contentType: registry.contentType };
      case "/healthz":
        return { status: 200, body: "ok\n" };
      case "/readyz":
        return readiness(stats);
      default:
        return { status: 404, body: "Not found: try /metrics, /healthz or /readyz\n" };
    }
  };
  const server = new HttpServer(listener, {
    hostname: host,
    respond: ({ path }) => respond(path),
    ...(onError ? { onError } : {}),
  });
  return {
    address: hostPort(server.addr.hostname, server.addr.port),
    timed: (store) => timedStore(store, (call, seconds) => storeSeconds.observe({ call }, seconds)),
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(probe);
      await server[Symbol.asyncDispose]();
    },
  };
}

function readiness({ isReady, trouble }: Stats): HttpResponse {
  const reason = isReady ? trouble() : "";
  if (reason === undefined) return { status: 200, body: "ready\n" };
  return { status: 503, body: `not ready${reason === "" ? "" : `: ${reason}`}\n` };
}

/**
 * What a counter is told of from the start, with 0: of a series that begins with its first event `rate()` and `increase()`
 * see nothing. Records, so that no name is left out.
 */
const LIMITS: Readonly<Record<Denial | Overdue | "handshake_timeout" | "dialogue_timeout", 0>> = {
  ...{ access: 0, max_connections: 0, max_unauthenticated: 0, max_per_address: 0 },
  ...{ handshake_timeout: 0, dialogue_timeout: 0, frame_timeout: 0, idle_timeout: 0, write_timeout: 0 },
};
const DATAGRAMS: Readonly<Record<Ignored | "answered", 0>> = {
  ...{ answered: 0, service_port: 0, own_port: 0, access: 0, frame_too_large: 0, rate: 0, loop: 0, send_failed: 0 },
};
const RESULTS: readonly DialogueEvent[] = [...LOGINS];

/** Which program this is, since when it runs, and its memory: names as in Prometheus' client libraries. */
function describeProcess(registry: Registry, version: string): void {
  const registers = [registry];
  const labelNames = ["version", "deno"];
  new Gauge({ ...{ name: "echo_build_info", help: "Always 1; the labels tell", labelNames, registers } })
    .set({ version, deno: Deno.version.deno }, 1);
  new Gauge({ ...{ name: "process_start_time_seconds", help: "Start of the process, since 1970", registers } })
    .set(performance.timeOrigin / 1000);
  new Gauge({
    ...{ name: "process_resident_memory_bytes", help: "Memory of the process", registers },
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
}

function describeCertificate(registry: Registry, identity: () => TlsIdentity): void {
  new Gauge({
    ...{ name: "echo_certificate_expiry_seconds", help: "When the certificate expires, since 1970" },
    registers: [registry],
    collect() {
      this.set(Date.parse(new X509Certificate(identity().cert).validTo) / 1000);
    },
  });
}

/** A counter of several series. */
interface Labelled {
  readonly help: string;
  readonly label: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly known?: readonly string[];
}

/** Every number but the event loop's; those of `stats` are read when they are asked for. */
function describe(registry: Registry, stats: Stats): Histogram<"call"> {
  const registers = [registry];
  const total = (name: string, help: string, read: () => number): void => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const labelled = (name: string, { help, label, counts, known = [] }: Labelled): void => {
    new Counter({
      ...{ name, help, registers, labelNames: [label] },
      collect() {
        this.reset();
        for (const value of known) this.inc({ [label]: value }, 0);
        for (const [value, count] of counts) this.inc({ [label]: value }, count);
      },
    });
  };
  const { ended } = stats;
  new Gauge({
    ...{ name: "echo_connections", help: "Open connections by state", labelNames: ["state"], registers },
    collect() {
      const { talking, echoing } = stats.open();
      this.set({ state: "talking" }, talking);
      this.set({ state: "echoing" }, echoing);
    },
  });
  total("echo_connections_ended_total", "Connections that have ended", () => ended.connections);
  total("echo_frames_received_total", "Frames received", () => ended.frames + stats.open().frames);
  total("echo_bytes_received_total", "Bytes received", () => ended.bytesIn + stats.open().bytesIn);
  total("echo_bytes_sent_total", "Bytes sent", () => ended.bytesOut + stats.open().bytesOut);
  labelled("echo_logins_total", { help: "Log-ins by result", label: "result", counts: stats.logins, known: RESULTS });
  labelled("echo_refusals_total", {
    help: "Connections refused or ended by a limit",
    label: "limit",
    counts: stats.refusals,
    known: Object.keys(LIMITS),
  });
  labelled("echo_datagrams_total", {
    help: "Datagrams (--udp) by what became of them",
    label: "result",
    counts: stats.datagrams,
    known: Object.keys(DATAGRAMS),
  });
  labelled("echo_faults_total", {
    help: "Faults on purpose (--fault) that struck",
    label: "fault",
    counts: stats.faults,
  });
  total("echo_unforeseen_errors_total", "Errors that nothing in the program expected", () => stats.unforeseen);
  new Gauge({
    ...{ name: "echo_password_queue", help: "PBKDF2 runs under way or waiting", registers },
    collect() {
      this.set(stats.passwordQueue());
    },
  });
  return new Histogram({
    ...{ name: "echo_store_seconds", help: "Time of a call of the store", labelNames: ["call"], registers },
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  });
}

/** How much later than asked a timer fires: what every connection waits for, too. */
function probeLoop(registry: Registry): ReturnType<typeof setInterval> {
  const delay = new Histogram({
    ...{ name: "echo_event_loop_delay_seconds", help: "How late a timer fires", registers: [registry] },
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1],
  });
  let expected = performance.now() + LOOP_PROBE;
  return setInterval(() => {
    const now = performance.now();
    delay.observe(Math.max(0, now - expected) / 1000);
    expected = now + LOOP_PROBE;
  }, LOOP_PROBE);
}

/** A store like `store` that tells how long each call took. */
function timedStore(store: UserStore, observe: (call: string, seconds: number) => void): UserStore {
  return new Proxy(store, {
    get(target, name): unknown {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      if (typeof name !== "string") return method.bind(target);
      return async (...args: unknown[]): Promise<unknown> => {
        const before = performance.now();
        try {
          return await method.apply(target, args);
        } finally {
          observe(name, (performance.now() - before) / 1000);
        }
      };
    },
  });
}
