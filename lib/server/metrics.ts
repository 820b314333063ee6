/**
 * `--metrics HOST:PORT`: the server's numbers for Prometheus, and whether it is alive and ready, over HTTP. Loaded only
 * when asked for.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { hostPort } from "../base/address.ts";
import { listenAlone } from "../net/listen.ts";
import { type HttpResponse, HttpServer } from "./http.ts";
import type { UserStore } from "../store/store.ts";
import type { Stats } from "./stats.ts";

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
  /** A client could not be accepted; it is tried again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Opens the endpoint: `/metrics`, `/healthz` (200 while the process lives), `/readyz` (503 before the server listens and
 * while it drains or
 * cannot reach its database).
 *
 * @throws {NetworkError} `port_busy`, `permission`, `address_unavailable`, `host_not_found`
 */
export function openMetrics({ host, port, stats, onError }: MetricsOptions): MetricsEndpoint {
  const listener = listenAlone({ hostname: host, port });
  const registry = new Registry();
  const storeSeconds = describe(registry, stats);
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
  const labelled = (name: string, help: string, label: string, counts: ReadonlyMap<string, number>): void => {
    new Counter({
      ...{ name, help, registers, labelNames: [label] },
      collect() {
        this.reset();
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
  labelled("echo_logins_total", "Log-ins by result", "result", stats.logins);
  labelled("echo_refusals_total", "Connections refused or ended by a limit", "limit", stats.refusals);
  labelled("echo_datagrams_total", "Datagrams (--udp) by what became of them", "result", stats.datagrams);
  labelled("echo_faults_total", "Faults on purpose (--fault) that struck", "fault", stats.faults);
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
export function timedStore(store: UserStore, observe: (call: string, seconds: number) => void): UserStore {
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
