/**
 * One connection through `echo-client explain`: the way to the server, the relay, and what is told of it.
 *
 * @module
 */
import { addressText } from "../../base/address.ts";
import { EchoError } from "../../base/errors.ts";
import type { Framing } from "../../framing/framing.ts";
import { GREETING_WAIT } from "../../base/limits.ts";
import { addressError } from "../../base/system_errors.ts";
import { escapeText } from "../../base/text.ts";
import { type Target, targetText } from "../../net/dial.ts";
import type { EndEvent, WireEvent } from "./events.ts";
import { Observer } from "./observer.ts";
import { relay, type RelayWatcher } from "./relay.ts";
import type { Side } from "./direction.ts";

/** What a proxy is told. */
export interface ProxyOptions {
  readonly target: Target;
  /** `undefined`: to be found out. */
  readonly framing: Framing | undefined;
  readonly maxFrame: number;
  /** Payload bytes of each frame to show. */
  readonly most: number;
  readonly showSecrets: boolean;
  /** How long connecting to the server may take, in ms. */
  readonly timeout: number;
  /** Says why the server cannot be reached. */
  readonly reasonOf: (error: unknown) => string;
  /** Takes each event; what it throws does not touch the bytes. */
  readonly onEvent: (event: WireEvent) => void;
  /** Waits where the output is behind; nothing where it is not. */
  readonly room: () => Promise<void> | undefined;
  /** Aborted: every connection is closed at once. */
  readonly stop: AbortSignal;
}

/**
 * Takes a client's connection over, to its end.
 *
 * @param connection Its number.
 * @returns Why the server could not be reached, where it could not.
 */
export async function proxy(
  client: Deno.TcpConn,
  connection: number,
  options: ProxyOptions,
): Promise<unknown> {
  const { target, stop, onEvent } = options;
  const began = performance.now();
  const at = (): number => performance.now() - began;
  const names = {
    time: new Date().toISOString(),
    client: addressText(client.remoteAddr),
    server: targetText(target),
  };
  let server: Deno.Conn;
  try {
    server = await open(options);
  } catch (error) {
    // With what the client sent left unread: the nearest to the refusal it would have had.
    client.close();
    const reason = escapeText(options.reasonOf(error));
    const code = error instanceof EchoError ? error.code : "failed";
    if (!stop.aborted) onEvent({ event: "unreachable", connection, at_ms: rounded(at()), ...names, code, reason });
    return error;
  }
  client.setNoDelay(true);
  const connect_ms = rounded(at());
  onEvent({ event: "open", connection, at_ms: connect_ms, ...names, connect_ms });
  await relay({ client, server }, { stop, watcher: new Watcher(connection, { at, options }) });
  return undefined;
}

async function open({ target, timeout, stop }: ProxyOptions): Promise<Deno.Conn> {
  const address = targetText(target);
  const giveUp = new AbortController();
  const onStop = (): void => giveUp.abort();
  const timer = setTimeout(onStop, timeout);
  stop.addEventListener("abort", onStop);
  try {
    if (target.transport === "unix") return await Deno.connect({ transport: "unix", path: target.path });
    const conn = await Deno.connect({ hostname: target.host, port: target.port, signal: giveUp.signal });
    conn.setNoDelay(true);
    return conn;
  } catch (error) {
    const isLate = giveUp.signal.aborted && !stop.aborted;
    throw addressError(isLate ? new Deno.errors.TimedOut("no answer", { cause: error }) : error, "connect to", address);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
  }
}

/** Stands between the relay and the observer: whatever happens there, the bytes go on. */
class Watcher implements RelayWatcher {
  readonly room: () => Promise<void> | undefined;
  readonly #observer: Observer;
  readonly #at: () => number;
  readonly #onEvent: (event: WireEvent) => void;
  readonly #connection: number;
  readonly #bytes = { client: 0, server: 0 };
  #hasFailed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: number, { at, options }: { readonly at: () => number; readonly options: ProxyOptions }) {
    this.#connection = connection;
    this.#at = at;
    this.#onEvent = options.onEvent;
    this.#observer = new Observer({ ...options, connection, emit: options.onEvent });
    this.room = options.room;
  }

  read(side: Side, chunk: Uint8Array): void {
    this.#bytes[side] += chunk.length;
    const at = this.#at();
    this.#safely(() => {
      this.#observer.read(side, chunk, at);
      if (!this.#observer.isHolding) clearTimeout(this.#timer);
      else this.#timer ??= setTimeout(() => this.#safely(() => this.#observer.settle()), GREETING_WAIT);
    });
  }

  end(side: Side, kind: EndEvent["kind"]): void {
    clearTimeout(this.#timer);
    const at = this.#at();
    this.#safely(() => this.#observer.end(side, kind, at));
  }

  closed(): void {
    const { client: client_bytes, server: server_bytes } = this.#bytes;
    const moment = { connection: this.#connection, at_ms: rounded(this.#at()) };
    this.#safely(() => this.#onEvent({ event: "close", ...moment, client_bytes, server_bytes }), true);
  }

  /** After a failure of the analysis nothing more of this connection is analyzed. */
  #safely(look: () => void, isPlain = false): void {
    if (this.#hasFailed && !isPlain) return;
    try {
      look();
    } catch (error) {
      this.#hasFailed = true;
      const reason = escapeText(error instanceof Error ? error.message : String(error));
      try {
        this.#onEvent({ event: "failed", connection: this.#connection, at_ms: rounded(this.#at()), reason });
      } catch {
        // Whoever takes events fails at this one, too: there is nobody left to tell.
      }
    }
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
