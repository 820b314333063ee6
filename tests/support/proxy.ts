/**
 * A TCP proxy that does to a connection what networks do: it delays, splits and merges what passes, and at a byte of the
 * test's choice truncates, corrupts, resets or stalls it. What it does follows from a seed, so a failure comes again.
 *
 * @module
 */
import { delay } from "../../lib/base/delay.ts";
import { writeAll } from "./net.ts";
import { between, randomFrom } from "./random.ts";

/** What happens to one direction; without any of it bytes pass as they come. */
export interface Faults {
  /** Longest pause before bytes go on, in ms. */
  readonly delay?: number;
  /** Most bytes that go on in one write. */
  readonly split?: number;
  /** How long bytes are collected before they go on in one write, in ms. */
  readonly merge?: number;
  /** After this many bytes FIN is sent, and nothing more. */
  readonly truncateAt?: number;
  /** This byte, counted from 0, is inverted. */
  readonly corruptAt?: number;
  /** After this many bytes both connections are closed at once; what waits unread makes it a reset. */
  readonly resetAt?: number;
  /** After this many bytes nothing passes any more, and nothing ends. */
  readonly stallAt?: number;
}

/** What happens to a connection. */
export interface Plan {
  readonly toServer?: Faults;
  readonly toClient?: Faults;
}

/** A running proxy. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
}

/** What a {@linkcode startProxy} proxy does. */
export interface ProxyOptions {
  /** The server's port on this machine. */
  readonly port: number;
  readonly seed: number;
  /** What happens to the connection with this number, counted from 0. */
  readonly plan: (connection: number) => Plan;
}

/** Listens on a free port of this machine. */
export function startProxy({ port, seed, plan }: ProxyOptions): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();
  let connections = 0;
  const relay = async (client: Deno.TcpConn, number: number): Promise<void> => {
    const server = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    const both = server === undefined ? [client] : [client, server];
    for (const conn of both) {
      conn.setNoDelay(true);
      open.add(conn);
    }
    const close = (): void => {
      for (const conn of both) if (open.delete(conn)) conn.close();
    };
    if (server === undefined) return close();
    const { toServer = {}, toClient = {} } = plan(number);
    const random = randomFrom(seed + number);
    const { signal } = stop;
    await Promise.allSettled([
      pass(client, server, { ...toServer, random, close, signal }),
      pass(server, client, { ...toClient, random, close, signal }),
    ]);
    close();
  };
  const accepting = (async (): Promise<void> => {
    for (;;) {
      const client = await listener.accept().catch(() => undefined);
      if (client === undefined) return;
      const relayed = relay(client, connections++).finally(() => running.delete(relayed));
      running.add(relayed);
    }
  })();
  return {
    port: listener.addr.port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      stop.abort();
      listener.close();
      for (const conn of open) conn.close();
      open.clear();
      await Promise.all([accepting, ...running]);
    },
  };
}

interface Passing extends Faults {
  readonly random: () => number;
  /** Closes both connections. */
  readonly close: () => void;
  readonly signal: AbortSignal;
}

/** Carries bytes one way until an end, a fault or a failure. */
async function pass(from: Deno.TcpConn, to: Deno.TcpConn, passing: Passing): Promise<void> {
  const { delay: longest = 0, split = Infinity, merge = 0, corruptAt, random, close, signal } = passing;
  const limits = [passing.truncateAt, passing.resetAt, passing.stallAt].filter((at) => at !== undefined);
  const limit = Math.min(...limits, Infinity);
  const buffer = new Uint8Array(64 * 1024);
  let passed = 0;
  while (passed < limit) {
    if (merge > 0) await delay(merge, signal);
    // Never more than may pass: what is left unread makes a close a reset.
    const read = await from.read(buffer.subarray(0, Math.min(buffer.length, limit - passed)));
    if (read === null) return await to.closeWrite();
    const at = corruptAt === undefined ? -1 : corruptAt - passed;
    if (at >= 0 && at < read) buffer[at] = ~(buffer[at] ?? 0);
    for (let start = 0; start < read;) {
      const length = Math.min(read - start, split === Infinity ? read : between(random, 1, split));
      if (longest > 0) await delay(between(random, 0, longest), signal);
      await writeAll(to, buffer.subarray(start, start + length));
      start += length;
    }
    passed += read;
  }
  if (passed === passing.truncateAt) return await to.closeWrite();
  if (passed === passing.resetAt) return close();
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
