/**
 * Faults of datagrams: they may be lost, doubled, overtaken, changed, cut and late; they have no stream that could be split
 * or reset.
 *
 * @module
 */
import { addressText } from "../../base/address.ts";
import { DATAGRAM_BUFFER } from "../../base/limits.ts";
import { receiveDatagram } from "../../net/receive_datagram.ts";
import type { DatagramSocket } from "../../server/udp.ts";
import { FrameFaults } from "./frames.ts";
import { latencyOf } from "./latency.ts";
import type { Direction } from "./pieces.ts";
import type { FaultPlan } from "./plan.ts";
import type { Random } from "./random.ts";
import type { Way } from "./settings.ts";

/** A datagram that waits to be overtaken leaves after this, in ms, where none comes. */
const LONGEST_HELD = 1000;

/** Takes a datagram on. */
type Deliver = (bytes: Uint8Array) => void;

/** Datagrams that may wait to be sent: beyond them they are lost, as in any queue on the way. */
const MOST_WAITING = 1000;

/** Sends one after the other: several sends at once may leave in any order. What cannot be sent is lost. */
export class OrderedSender {
  readonly #socket: Pick<Deno.DatagramConn, "send">;
  readonly #waiting: [Uint8Array, Deno.Addr][] = [];
  #isSending = false;

  constructor(socket: Pick<Deno.DatagramConn, "send">) {
    this.#socket = socket;
  }

  send(bytes: Uint8Array, to: Deno.Addr): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push([bytes, to]);
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#socket.send(...next).catch(() => {/* lost */});
    }
    this.#isSending = false;
  }
}

/** One direction between two addresses. */
export class DatagramFaults {
  readonly #direction: Direction;
  readonly #frames: FrameFaults;
  readonly #random: Random;
  readonly #deliver: Deliver;
  #number = 0;
  /** When all that has passed would have left a wire of the rate that is set. */
  #free = 0;
  #release: ReturnType<typeof setTimeout> | undefined;

  constructor(direction: Direction, deliver: Deliver) {
    this.#direction = direction;
    this.#frames = new FrameFaults(direction, undefined);
    this.#random = direction.random("latency");
    this.#deliver = deliver;
  }

  /** Passes a datagram; its bytes may be used again after the call. */
  pass(bytes: Uint8Array): void {
    clearTimeout(this.#release);
    const frame = { number: ++this.#number, bytes: bytes.slice(), header: 0, trailer: 0 };
    for (const passed of this.#frames.pass(frame)) this.#send(passed.bytes);
    if (this.#frames.isHolding) this.#release = setTimeout(() => this.#giveUp(), LONGEST_HELD);
  }

  #giveUp(): void {
    for (const { bytes } of this.#frames.release()) this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    const { settings, strike } = this.#direction;
    const now = performance.now();
    const time = latencyOf(settings, this.#random);
    if (time !== undefined) strike({ fault: "latency", ms: Math.round(time * 10) / 10 });
    let due = now + (time ?? 0);
    if (settings.rate !== undefined) {
      this.#free = Math.max(this.#free, now) + bytes.length / settings.rate * 1000;
      strike({ fault: "rate", ms: Math.round(this.#free - now), bytes: bytes.length });
      due = Math.max(due, this.#free + (time ?? 0));
    }
    if (due <= now) this.#deliver(bytes);
    else setTimeout(() => this.#deliver(bytes), due - now);
  }
}

/** Clients whose directions are remembered; of more, the first ones begin anew. */
const MOST_CLIENTS = 1000;

/** The directions of many clients by their address. */
class DatagramClients<Client> {
  readonly #clients = new Map<string, Client>();
  readonly #open: (address: string) => Client;
  readonly #close: (client: Client) => void;

  constructor(open: (address: string) => Client, close: (client: Client) => void) {
    this.#open = open;
    this.#close = close;
  }

  get(address: string): Client {
    const known = this.#clients.get(address);
    if (known !== undefined) return known;
    const client = this.#open(address);
    this.#clients.set(address, client);
    const [oldest] = this.#clients;
    if (this.#clients.size > MOST_CLIENTS && oldest !== undefined) {
      this.#clients.delete(oldest[0]);
      this.#close(oldest[1]);
    }
    return client;
  }
}

/** A client of a service, and the faults on the way from and to it. */
interface ServiceClient {
  readonly number: number;
  readonly of: (from: Deno.Addr) => Record<Way, DatagramFaults>;
}

/** Numbers for clients, as connections have them. */
interface ClientNumbers {
  readonly enter: (address: string) => number;
  /** Told of a client that is remembered no more. */
  readonly leave: (number: number) => void;
}

/** A socket of a service with the faults of a plan in it: `up` in what it receives, `down` in what it sends. */
export class FaultyService implements DatagramSocket {
  readonly #socket: DatagramSocket;
  readonly #sender: OrderedSender;
  readonly #received: [Uint8Array, Deno.Addr][] = [];
  readonly #closing = new AbortController();
  readonly #clients: DatagramClients<ServiceClient>;
  #arrived = Promise.withResolvers<void>();
  #hasEnded = false;

  constructor(socket: DatagramSocket, plan: FaultPlan, { enter, leave }: ClientNumbers) {
    this.#socket = socket;
    this.#sender = new OrderedSender(socket);
    this.#clients = new DatagramClients((address) => {
      const number = enter(address);
      let faults: Record<Way, DatagramFaults> | undefined;
      const way = (way: Way, deliver: Deliver): DatagramFaults =>
        new DatagramFaults(plan.direction(number, way, { closing: this.#closing.signal }), deliver);
      const of = (peer: Deno.Addr): Record<Way, DatagramFaults> =>
        faults ??= {
          up: way("up", (bytes) => {
            this.#received.push([bytes, peer]);
            this.#arrived.resolve();
          }),
          down: way("down", (bytes) => this.#sender.send(bytes, peer)),
        };
      return { number, of };
    }, ({ number }) => leave(number));
    void this.#receiveAll();
  }

  get addr(): Deno.Addr {
    return this.#socket.addr;
  }

  async receive(): Promise<[Uint8Array<ArrayBuffer>, Deno.Addr]> {
    for (;;) {
      const first = this.#received.shift();
      if (first !== undefined) return [new Uint8Array(first[0]), first[1]];
      if (this.#hasEnded) throw new Deno.errors.BadResource("the socket is closed");
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
  }

  send(bytes: Uint8Array, to: Deno.Addr): Promise<number> {
    this.#clients.get(addressText(to)).of(to).down.pass(bytes);
    return Promise.resolve(bytes.length);
  }

  close(): void {
    this.#closing.abort();
    this.#socket.close();
  }

  async #receiveAll(): Promise<void> {
    const buffer = new Uint8Array(DATAGRAM_BUFFER);
    for (let received; (received = await receiveDatagram(this.#socket, buffer)) !== undefined;) {
      const [bytes, from] = received;
      this.#clients.get(addressText(from)).of(from).up.pass(bytes);
    }
    this.#hasEnded = true;
    this.#arrived.resolve();
  }
}
