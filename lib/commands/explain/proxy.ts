/**
 * One connection through `echo-client explain`: the way to the server, the relay, and what is told of it.
 *
 * @module
 */
import { addressText } from "../../base/address.ts";
import { EchoError } from "../../base/errors.ts";
import { GREETING_WAIT } from "../../base/limits.ts";
import { escapeText } from "../../base/text.ts";
import { dial, type Dialed, type DialOptions, type Target, targetText } from "../../net/dial.ts";
import type { EndEvent } from "./events.ts";
import { FaultyConn } from "../faults/faulty_conn.ts";
import type { FaultPlan } from "../faults/plan.ts";
import { securedClient, type TlsSides } from "./tls.ts";
import { relay, type RelayWatcher } from "./relay.ts";
import { rounded, Tap, type TapOptions } from "./tap.ts";
import type { Direction } from "../capture/direction.ts";
import type { Socket } from "../../net/wire.ts";

export interface ProxyOptions extends TapOptions, Omit<DialOptions, "signal" | "tls"> {
  readonly target: Target;
  /** Says why the server cannot be reached. */
  readonly reasonOf: (error: unknown) => string;
  /** Waits where the output is behind; nothing where it is not. */
  readonly room: () => Promise<void> | undefined;
  /** Faults on purpose. */
  readonly faults: FaultPlan;
  /** Who speaks TLS. */
  readonly tls: TlsSides;
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
  accepted: Socket,
  connection: number,
  options: ProxyOptions,
): Promise<unknown> {
  const { target, stop, onEvent, faults: plan } = options;
  const began = performance.now();
  const { identity, trust } = options.tls;
  const secured = identity === undefined ? undefined : securedClient(accepted, identity);
  const both: FaultyConn[] = [];
  const onReset = (): void => both.forEach((conn) => conn.reset());
  const client = new FaultyConn(secured?.socket ?? accepted, { plan, connection, began, write: "down", onReset });
  both.push(client);
  const at = (): number => performance.now() - began;
  const names = {
    time: new Date().toISOString(),
    client: addressText(client.remoteAddr),
    server: targetText(target),
  };
  let server: Dialed;
  let isServer = false;
  const giveUp = (): void => client.close();
  stop.addEventListener("abort", giveUp);
  if (stop.aborted) giveUp();
  try {
    if (!await client.accept()) return undefined;
    await secured?.handshake(options.timeout);
    isServer = true;
    server = await dial(target, { ...options, tls: trust, signal: stop });
  } catch (error) {
    // With what the client sent left unread: the nearest to the refusal it would have had.
    client.close();
    const reason = escapeText(options.reasonOf(error));
    const code = error instanceof EchoError ? error.code : "failed";
    if (!stop.aborted) onEvent({ event: "unreachable", connection, at_ms: rounded(at()), ...names, code, reason });
    return isServer ? error : undefined;
  } finally {
    stop.removeEventListener("abort", giveUp);
  }
  accepted.setNoDelay?.(true);
  const connect_ms = rounded(at());
  onEvent({ event: "open", connection, at_ms: connect_ms, ...names, connect_ms });
  const tap = new Tap(connection, { began: performance.timeOrigin + began, options });
  tap.trace({
    ...{ kind: "open", connection, at: performance.timeOrigin + began + connect_ms, transport: "tcp" },
    ...{ client: names.client, server: addressText(server.remoteAddr), connectMs: connect_ms },
  });
  const faultyServer = new FaultyConn(server, { plan, connection, began, write: "up", onReset });
  both.push(faultyServer);
  await relay({ client, server: faultyServer }, { stop, watcher: new Watcher(tap, { at, room: options.room }) });
  return undefined;
}

/**
 * Stands between the relay and the tap: who speaks first is waited for, but not for ever. A read is told in steps, as the
 * output has room; what comes meanwhile waits its turn.
 */
class Watcher implements RelayWatcher {
  readonly #room: ProxyOptions["room"];
  readonly #tap: Tap;
  readonly #at: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(tap: Tap, { at, room }: { readonly at: () => number; readonly room: ProxyOptions["room"] }) {
    this.#tap = tap;
    this.#at = at;
    this.#room = room;
  }

  read(direction: Direction, chunk: Uint8Array): Promise<void> {
    const at = this.#at();
    return this.#inTurn(async () => {
      for (const _step of this.#tap.read(direction, chunk, at)) await this.#room();
      if (!this.#tap.isHolding) clearTimeout(this.#timer);
      else this.#timer ??= setTimeout(() => this.#tap.settle(), GREETING_WAIT);
      await this.#room();
    });
  }

  end(direction: Direction, kind: EndEvent["kind"]): void {
    const at = this.#at();
    void this.#inTurn(() => {
      clearTimeout(this.#timer);
      this.#tap.end(direction, kind, at);
    });
  }

  closed(): Promise<void> {
    const at = this.#at();
    return this.#inTurn(() => this.#tap.closed(at));
  }

  /** Nothing in it rejects. */
  #inTurn(tell: () => void | Promise<void>): Promise<void> {
    return this.#turn = this.#turn.then(tell);
  }
}
