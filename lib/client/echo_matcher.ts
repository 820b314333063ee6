/**
 * Sets what comes back against what was sent, in order.
 *
 * @module
 */

/** One message and its echo. */
export interface Echo {
  /** Counts from 1. */
  readonly number: number;
  /** What was sent. */
  readonly sent: Uint8Array;
  /** What came back. */
  readonly received: Uint8Array;
  /** From the call that sent the message to the arrival of its echo's last byte, in ms. */
  readonly rttMs: number;
  /** Offset of the first byte that differs, or -1 where all are the same. */
  readonly differsAt: number;
}

interface Pending {
  readonly sent: Uint8Array;
  readonly sentAt: number;
}

/**
 * Messages on their way, and the echoes that answer them.
 *
 * @example
 * ```ts
 * import { EchoMatcher } from "./echo_matcher.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const matcher = new EchoMatcher({ hasBoundaries: true });
 * const hello = new TextEncoder().encode("hello");
 * matcher.expect(hello, 10);
 * const { echoes, unexpected } = matcher.feed(hello, 12);
 * assertEquals([echoes[0]?.rttMs, echoes[0]?.differsAt, unexpected.length], [2, -1, 0]);
 * ```
 */
export class EchoMatcher {
  readonly #hasBoundaries: boolean;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #count = 0;
  /** Without boundaries: the beginning of the first pending echo. */
  #partial = new Uint8Array(0);

  /** @param framing Without boundaries an echo is as many bytes as were sent; with them it is one payload. */
  constructor(framing: { readonly hasBoundaries: boolean }) {
    this.#hasBoundaries = framing.hasBoundaries;
  }

  /** Messages without an echo. */
  get pending(): readonly Uint8Array[] {
    return this.#pending.map(({ sent }) => sent);
  }

  /** How many messages have no echo yet. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** How many bytes they have. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Notes that `sent` leaves at `now` (ms, from any origin). */
  expect(sent: Uint8Array, now: number): void {
    this.#pending.push({ sent, sentAt: now });
    this.#pendingBytes += sent.length;
  }

  /** Takes the last message back: it was not sent after all. */
  withdraw(): void {
    this.#pendingBytes -= this.#pending.pop()?.sent.length ?? 0;
  }

  /** Forgets the part of an echo that came before a connection was lost: it comes again as a whole. */
  restart(now: number): void {
    this.#partial = new Uint8Array(0);
    this.#pending = this.#pending.map(({ sent }) => ({ sent, sentAt: now }));
  }

  /** Takes a payload that arrived at `now`; returns the echoes it completes and the bytes that answer nothing. */
  feed(payload: Uint8Array, now: number): { echoes: Echo[]; unexpected: Uint8Array } {
    if (this.#hasBoundaries) {
      const echo = this.#complete(payload, now);
      return echo === undefined
        ? { echoes: [], unexpected: payload }
        : { echoes: [echo], unexpected: payload.subarray(payload.length) };
    }
    const echoes: Echo[] = [];
    let rest = join(this.#partial, payload);
    for (let head = this.#pending[0]; head !== undefined && head.sent.length <= rest.length; head = this.#pending[0]) {
      const echo = this.#complete(rest.subarray(0, head.sent.length), now);
      if (echo !== undefined) echoes.push(echo);
      rest = rest.subarray(head.sent.length);
    }
    const isPart = this.#pending.length > 0;
    this.#partial = isPart ? rest.slice() : new Uint8Array(0);
    return { echoes, unexpected: isPart ? rest.subarray(rest.length) : rest };
  }

  /** {@linkcode EchoMatcher.feed} for many payloads of a framing with boundaries. */
  feedAll(payloads: readonly Uint8Array[], now: number): { echoes: Echo[]; unexpected: Uint8Array } {
    const echoes: Echo[] = [];
    for (const payload of payloads) {
      const echo = this.#complete(payload, now);
      if (echo === undefined) return { echoes, unexpected: payload };
      echoes.push(echo);
    }
    return { echoes, unexpected: NOTHING };
  }

  #complete(received: Uint8Array, now: number): Echo | undefined {
    const head = this.#pending.shift();
    if (head === undefined) return undefined;
    this.#pendingBytes -= head.sent.length;
    const { sent, sentAt } = head;
    return { number: ++this.#count, sent, received, rttMs: now - sentAt, differsAt: firstDifference(sent, received) };
  }
}

const NOTHING = new Uint8Array(0);

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    if (a[at] !== b[at]) return at;
  }
  return a.length === b.length ? -1 : shorter;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
