/**
 * Datagrams with numbers, from one socket to an echo service and back: which of them came, when, in which order.
 *
 * A datagram begins with a header (lib/commands/connection/datagram_header.ts) that has its number and when it left; the
 * rest is the run's payload. Whoever stands on the way with a clock in step can tell one-way delays by
 * that (`explain --udp` does); an echo service tells no time, so that the client itself knows round trips alone.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { receiveFrom } from "../../client/udp.ts";
import { HEADER, MARK, readDatagramHeader } from "../connection/datagram_header.ts";

/** What became of a datagram. */
export type DatagramOutcome =
  /** It came back for the first time: how long that took, and whether a later one was there before (RFC 4737). */
  | { readonly type: "echo"; readonly number: number; readonly rtt: number; readonly reordered: boolean }
  /** It came back once more. */
  | { readonly type: "duplicate"; readonly number: number }
  /** Its bytes are not those that were sent, or not as many. */
  | { readonly type: "corrupted"; readonly number: number }
  /** Nothing like it was sent. */
  | { readonly type: "unexpected" };

/** Answered datagrams that are remembered, to know them again. */
const REMEMBERED = 65_536;

interface DatagramFlowOptions {
  readonly socket: Pick<Deno.DatagramConn, "send" | "receive">;
  readonly target: Deno.NetAddr;
  /** The bytes of each, of which the first {@linkcode HEADER} are its own. */
  readonly payload: Uint8Array;
  readonly onOutcome: (outcome: DatagramOutcome, now: number) => void;
}

export class DatagramFlow {
  readonly #options: DatagramFlowOptions;
  readonly #run = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  readonly #view: DataView;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #sentAt = new Map<number, number>();
  readonly #answered = new Uint32Array(REMEMBERED);
  #next = 0;
  #highest = 0;
  #transit: number | undefined;
  #jitter: number | null = null;

  constructor(options: DatagramFlowOptions) {
    this.#options = options;
    this.#bytes = options.payload.slice();
    this.#view = new DataView(this.#bytes.buffer);
    this.#view.setUint16(0, MARK);
    this.#view.setUint16(2, this.#run);
  }

  /** Interarrival jitter of the round trips, in ms (RFC 3550, section 6.4.1 and appendix A.8); null of fewer than two. */
  get jitter(): number | null {
    return this.#jitter;
  }

  /** Datagrams that have no answer yet. */
  get outstanding(): number {
    return this.#sentAt.size;
  }

  /** Sends the next datagram; resolves to whether the system took it. */
  async send(): Promise<boolean> {
    const number = ++this.#next;
    const { socket, target } = this.#options;
    this.#view.setUint32(4, number);
    const now = performance.now();
    this.#view.setFloat64(8, performance.timeOrigin + now);
    this.#sentAt.set(number, now);
    try {
      await socket.send(this.#bytes, target);
      return true;
    } catch {
      this.#sentAt.delete(number);
      return false;
    }
  }

  /** Receives until the socket is closed. Throws what `onOutcome` throws. */
  async receive(): Promise<void> {
    const { socket, target, onOutcome } = this.#options;
    await receiveFrom(socket, target, (bytes) => {
      const now = performance.now();
      onOutcome(this.#outcome(bytes, now), now);
    });
  }

  #outcome(bytes: Uint8Array, now: number): DatagramOutcome {
    const { run, number = 0 } = readDatagramHeader(bytes) ?? {};
    if (run !== this.#run || number === 0 || number > this.#next) return { type: "unexpected" };
    if (Buffer.compare(bytes.subarray(HEADER), this.#bytes.subarray(HEADER)) !== 0) {
      return { type: "corrupted", number };
    }
    const sentAt = this.#sentAt.get(number);
    if (sentAt === undefined) {
      return this.#answered[number % REMEMBERED] === number ? { type: "duplicate", number } : { type: "unexpected" };
    }
    this.#sentAt.delete(number);
    this.#answered[number % REMEMBERED] = number;
    const reordered = number < this.#highest;
    this.#highest = Math.max(this.#highest, number);
    const rtt = now - sentAt;
    if (this.#transit !== undefined) {
      const before = this.#jitter ?? 0;
      this.#jitter = before + (Math.abs(rtt - this.#transit) - before) / 16;
    }
    this.#transit = rtt;
    return { type: "echo", number, rtt, reordered };
  }
}
