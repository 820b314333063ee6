/**
 * One connection of the probe: sends bytes, and keeps what comes back, when, and how it ended.
 *
 * @module
 */
import { addressText } from "../../base/address.ts";
import { ActiveTimeout } from "../../base/active_timeout.ts";
import type { Framing } from "../../framing/framing.ts";
import { dial, type Dialed, type DialOptions, type Target } from "../../net/dial.ts";
import { concat } from "../../base/bytes.ts";

const READ_BUFFER = 64 * 1024;

/** Bytes that are kept beyond what was sent: a peer that talks without end is not listened to. */
const MAX_EXCESS = 64 * 1024;

/** How long more is waited for behind an answer that is not what was sent, in ms. */
const AFTERWARDS = 100;

export interface ProbeOptions extends Pick<DialOptions, "family" | "proxy" | "tls"> {
  readonly target: Extract<Target, { transport: "tcp" }>;
  readonly framing: Framing;
  /** Largest frame that is tried, in bytes of payload. */
  readonly maxFrame: number;
  /** Longest wait for a connection or an answer, in ms. */
  readonly timeout: number;
  /** Longest silence that is tried, in ms; 0 for none. */
  readonly idleMax: number;
  /** Bytes with which every connection begins before anything is sent; default: none. */
  readonly bannerBytes?: number;
}

/** How an exchange went. */
export type Outcome =
  /** The same bytes came back. */
  | "same"
  /** As many, or more, and others. */
  | "changed"
  /** Too few, and then FIN. */
  | "closed"
  | "reset"
  /** Too few, and then nothing. */
  | "silent";

/** How an exchange went, and what came back. */
export interface Exchange {
  readonly outcome: Outcome;
  readonly received: Uint8Array;
  /** From the send to the last byte, in ms. */
  readonly ms: number;
}

export interface Read {
  readonly bytes: number;
  /** Ms since the connection opened. */
  readonly at: number;
}

/** What {@linkcode ProbeConnection.open} needs. */
type OpenOptions = Omit<ProbeOptions, "framing" | "maxFrame" | "idleMax">;

export class ProbeConnection implements AsyncDisposable {
  readonly conn: Dialed;
  reads: Read[] = [];
  readonly #opened = performance.now();
  readonly #reading: Promise<void>;
  #parts: Uint8Array[] = [];
  #receivedBytes = 0;
  #allowed = MAX_EXCESS;
  #end: { readonly how: "closed" | "reset"; readonly at: number } | undefined;
  #isClosed = false;
  #moved = Promise.withResolvers<void>();

  constructor(conn: Dialed) {
    this.conn = conn;
    this.#reading = this.#read();
  }

  /** @throws what `dial` throws. */
  static async open({ target, bannerBytes = 0, ...way }: OpenOptions): Promise<ProbeConnection> {
    const connection = new ProbeConnection(await dial(target, way));
    await connection.waitFor(() => connection.receivedBytes >= bannerBytes, way.timeout);
    connection.forget();
    return connection;
  }

  /** The same; nothing where the connection is refused. */
  static async tryOpen(options: OpenOptions): Promise<ProbeConnection | undefined> {
    return await ProbeConnection.open(options).catch(() => undefined);
  }

  /** How the peer's direction ended, and how many ms after the opening; nothing while it is open. */
  get end(): { readonly how: "closed" | "reset"; readonly at: number } | undefined {
    return this.#end;
  }

  /** Ms since the connection opened. */
  get age(): number {
    return performance.now() - this.#opened;
  }

  /** What has come so far. */
  get received(): Uint8Array {
    return concat(...this.#parts);
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Forgets what has come so far. */
  forget(): void {
    [this.#parts, this.reads, this.#receivedBytes, this.#allowed] = [[], [], 0, MAX_EXCESS];
  }

  /** The local end. */
  get local(): string {
    return addressText(this.conn.localAddr);
  }

  /** Sends; a connection that is gone shows at the next wait. */
  async send(bytes: Uint8Array): Promise<void> {
    this.#allowed += bytes.length;
    try {
      for (let at = 0; at < bytes.length;) at += await this.conn.write(bytes.subarray(at));
    } catch {
      this.#over("reset");
    }
  }

  /** Ends our direction. */
  async closeWrite(): Promise<void> {
    await this.conn.closeWrite().catch(() => this.#over("reset"));
  }

  /** Sends, and waits for as many bytes; the connection's earlier bytes do not count. */
  async exchange(sent: Uint8Array, timeout: number): Promise<Exchange> {
    const before = this.#receivedBytes;
    const began = performance.now();
    const sending = this.send(sent);
    const isWhole = await this.waitFor(() => this.#receivedBytes - before >= sent.length, timeout);
    const ms = performance.now() - began;
    const isSameAs = (received: Uint8Array): boolean =>
      received.length === sent.length && received.every((byte, at) => byte === sent[at]);
    let received = this.received.subarray(before);
    const isSame = isWhole && isSameAs(received);
    if (isWhole) await sending;
    // What was made longer goes on for a moment.
    if (isWhole && !isSame) await this.waitFor(() => false, AFTERWARDS);
    if (!isSame) received = this.received.subarray(before);
    const outcome = isSame ? "same" : isWhole ? "changed" : this.#end?.how ?? "silent";
    return { outcome, received, ms };
  }

  /** Whether it holds before the peer's end, and before it is silent for `timeout` ms. */
  async waitFor(holds: () => boolean, timeout: number): Promise<boolean> {
    while (!holds()) {
      if (this.#end !== undefined) return false;
      if (!await new ActiveTimeout(timeout).settles(this.#moved.promise)) return holds();
    }
    return true;
  }

  /** Waits until the peer ends, or for `timeout` ms. */
  async waitForEnd(timeout: number): Promise<void> {
    const patience = new ActiveTimeout(timeout);
    while (this.#end === undefined && !patience.isOver) await patience.settles(this.#moved.promise);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) this.conn.close();
    this.#isClosed = true;
    await this.#reading;
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BUFFER);
    try {
      for (;;) {
        const read = await this.conn.read(buffer);
        if (read === null) return this.#over("closed");
        if (this.#receivedBytes > this.#allowed) continue;
        this.#receivedBytes += read;
        this.#parts.push(buffer.slice(0, read));
        this.reads.push({ bytes: read, at: this.age });
        this.#move();
      }
    } catch {
      if (!this.#isClosed) this.#over("reset");
    }
  }

  #over(how: "closed" | "reset"): void {
    this.#end ??= { how, at: this.age };
    this.#move();
  }

  #move(): void {
    const moved = this.#moved;
    this.#moved = Promise.withResolvers();
    moved.resolve();
  }
}

/** Opens a connection for one exchange of bytes as they are; how it went, `undefined` where there was no connection. */
export async function tryOnce(options: ProbeOptions, bytes: Uint8Array): Promise<Exchange | undefined> {
  await using connection = await ProbeConnection.tryOpen(options);
  return await connection?.exchange(bytes, options.timeout);
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
