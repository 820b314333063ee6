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

/** Messages that left together; those from `first` to `end` have no echo yet. */
interface Batch {
  readonly sent: readonly Uint8Array[];
  readonly sentAt: number;
  first: number;
  end: number;
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
  /** None is empty. */
  #batches: Batch[] = [];
  #pendingCount = 0;
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
    return this.#batches.flatMap(({ sent, first, end }) => sent.slice(first, end));
  }

  /** How many messages have no echo yet. */
  get pendingCount(): number {
    return this.#pendingCount;
  }

  /** How many bytes they have. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Notes that `sent` leaves at `now` (ms, from any origin). */
  expect(sent: Uint8Array, now: number): void {
    this.expectAll([sent], now);
  }

  /** {@linkcode EchoMatcher.expect} for many messages: one record for all of them. */
  expectAll(sent: readonly Uint8Array[], now: number): void {
    if (sent.length === 0) return;
    this.#batches.push({ sent, sentAt: now, first: 0, end: sent.length });
    this.#pendingCount += sent.length;
    for (const { length } of sent) this.#pendingBytes += length;
  }

  /** Takes the last message back: it was not sent after all. */
  withdraw(): void {
    const batch = this.#batches.at(-1);
    if (batch === undefined) return;
    this.#pendingCount--;
    this.#pendingBytes -= batch.sent[--batch.end]?.length ?? 0;
    if (batch.first === batch.end) this.#batches.pop();
  }

  /** Forgets the part of an echo that came before a connection was lost: it comes again as a whole. */
  restart(now: number): void {
    this.#partial = new Uint8Array(0);
    const { pending } = this;
    this.#batches = pending.length === 0 ? [] : [{ sent: pending, sentAt: now, first: 0, end: pending.length }];
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
    for (let head = this.#head(); head !== undefined && head.length <= rest.length; head = this.#head()) {
      const echo = this.#complete(rest.subarray(0, head.length), now);
      if (echo !== undefined) echoes.push(echo);
      rest = rest.subarray(head.length);
    }
    const isPart = this.pendingCount > 0;
    this.#partial = isPart ? rest.slice() : new Uint8Array(0);
    return { echoes, unexpected: isPart ? rest.subarray(rest.length) : rest };
  }

  /** {@linkcode EchoMatcher.feed} for many payloads of a framing with boundaries. */
  feedAll(payloads: readonly Uint8Array[], now: number): { echoes: Echo[]; unexpected: Uint8Array } {
    const echoes: Echo[] = [];
    for (const payload of payloads) {
      const echo = this.#complete(payload, now);
      // An empty one has no byte that could be unexpected, and must not hide those behind it.
      if (echo === undefined && payload.length === 0) continue;
      if (echo === undefined) return { echoes, unexpected: payload };
      echoes.push(echo);
    }
    return { echoes, unexpected: NOTHING };
  }

  #head(): Uint8Array | undefined {
    const [batch] = this.#batches;
    return batch?.sent[batch.first];
  }

  #complete(received: Uint8Array, now: number): Echo | undefined {
    const [batch] = this.#batches;
    const sent = batch?.sent[batch.first];
    if (batch === undefined || sent === undefined) return undefined;
    this.#pendingCount--;
    this.#pendingBytes -= sent.length;
    if (++batch.first === batch.end) this.#batches.shift();
    const rttMs = now - batch.sentAt;
    return { number: ++this.#count, sent, received, rttMs, differsAt: firstDifference(sent, received) };
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
