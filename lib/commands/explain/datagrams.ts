/**
 * `explain --udp`: datagrams between clients and a service, each shown, and passed on as it came.
 *
 * @module
 */
import { addressText } from "../../base/address.ts";
import { openDatagrams, receiveFrom } from "../../client/udp.ts";
import { targetText } from "../../net/dial.ts";
import { receiveDatagram } from "../../net/receive_datagram.ts";
import { readDatagramHeader } from "../connection/datagram_header.ts";
import { DatagramFaults, OrderedSender } from "../faults/datagrams.ts";
import type { Way } from "../faults/settings.ts";
import { byteView } from "./byte_view.ts";
import type { Direction } from "./direction.ts";
import type { DatagramEvent } from "./events.ts";
import type { ProxyOptions } from "./proxy.ts";
import { rounded } from "./tap.ts";

/** A client that says nothing for so long, in ms, has gone: UDP has no end. */
const SILENCE = 30_000;

/** A socket that receives and sends. */
type Socket = Pick<Deno.DatagramConn, "receive" | "send" | "close">;

/** What {@linkcode relayDatagrams} is told. */
export interface DatagramOptions extends Omit<ProxyOptions, "target" | "tls"> {
  readonly target: { readonly transport: "tcp"; readonly host: string; readonly port: number };
  /** Ends after so many clients, once they are silent. */
  readonly count: number | undefined;
}

/** Passes datagrams on until `stop` is aborted; closes `socket`. */
export async function relayDatagrams(socket: Socket, options: DatagramOptions): Promise<void> {
  const clients = new Map<string, Promise<Client>>();
  const back = new OrderedSender(socket);
  let [opened, isOpen] = [0, true];
  const close = (): void => {
    if (isOpen) socket.close();
    isOpen = false;
  };
  options.stop.addEventListener("abort", close);
  if (options.stop.aborted) close();
  const open = async (address: Deno.Addr): Promise<Client> => {
    const client = await Client.open(++opened, { address, back, options });
    void client.finished.then(() => {
      clients.delete(addressText(address));
      if (clients.size === 0 && opened === options.count) close();
    });
    return client;
  };
  try {
    for (let received; (received = await receiveDatagram(socket)) !== undefined;) {
      const [bytes, from] = received;
      const key = addressText(from);
      const known = clients.get(key);
      if (known === undefined && opened === options.count) continue;
      const client = known ?? open(from);
      clients.set(key, client);
      (await client).pass("client", bytes);
    }
  } finally {
    options.stop.removeEventListener("abort", close);
    close();
    for (const client of await Promise.allSettled(clients.values())) {
      if (client.status === "fulfilled") client.value.close();
    }
  }
}

/** What belongs to one client's address. */
interface ClientOptions {
  readonly address: Deno.Addr;
  /** The way back to it. */
  readonly back: OrderedSender;
  readonly options: DatagramOptions;
}

/** A datagram as an event. @param now Ms since 1970. */
export function datagramEvent(
  bytes: Uint8Array,
  { now, most, ...about }: Pick<DatagramEvent, "connection" | "at_ms" | "from" | "number"> & {
    readonly now: number;
    readonly most: number;
  },
): DatagramEvent {
  const header = readDatagramHeader(bytes);
  return {
    ...{ event: "datagram", ...about, payload: byteView(bytes, { most }) },
    ...header === undefined ? {} : { sequence: header.number, age_ms: rounded(now - header.sentAt) },
  };
}

class Client {
  readonly #connection: number;
  readonly #options: DatagramOptions;
  readonly #began = performance.now();
  readonly #service: Socket;
  readonly #faults: Readonly<Record<Direction, DatagramFaults>>;
  readonly #numbers = { client: 0, server: 0 };
  readonly #bytes = { client: 0, server: 0 };
  readonly #closing = new AbortController();
  readonly #over = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    connection: number,
    { address, back, options, service, target }: ClientOptions & {
      readonly service: Socket;
      readonly target: Deno.NetAddr;
    },
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#service = service;
    const faults = (way: Way, sender: OrderedSender, to: Deno.Addr): DatagramFaults =>
      new DatagramFaults(options.faults.direction(connection, way, { closing: this.#closing.signal }), (bytes) => {
        sender.send(bytes, to);
      });
    this.#faults = { client: faults("up", new OrderedSender(service), target), server: faults("down", back, address) };
    options.onEvent({
      ...{ event: "open", connection, at_ms: 0, time: new Date().toISOString(), connect_ms: 0 },
      ...{ client: addressText(address), server: targetText(options.target) },
    });
    options.onTrace?.({
      ...{ kind: "open", connection, at: this.#traceAt(), transport: "udp", connectMs: null },
      ...{ client: addressText(address), server: addressText(target) },
    });
    void this.#receive(target);
  }

  static async open(connection: number, client: ClientOptions): Promise<Client> {
    const { host, port } = client.options.target;
    const { socket: service, target } = await openDatagrams({ host, port });
    return new Client(connection, { ...client, service, target });
  }

  /** Resolves when it is closed. */
  get finished(): Promise<void> {
    return this.#over.promise;
  }

  pass(from: Direction, bytes: Uint8Array): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), SILENCE);
    this.#bytes[from] += bytes.length;
    const about = { connection: this.#connection, at_ms: this.#at(), from, number: ++this.#numbers[from] };
    this.#options.onEvent(datagramEvent(bytes, { ...about, now: this.#traceAt(), most: this.#options.most }));
    this.#options.onTrace?.({
      ...{ kind: "data", connection: this.#connection, at: this.#traceAt(), from, bytes, masked: [] },
    });
    this.#faults[from].pass(bytes);
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#service.close();
    const { client: client_bytes, server: server_bytes } = this.#bytes;
    const at_ms = this.#at();
    this.#options.onEvent({ event: "close", connection: this.#connection, at_ms, client_bytes, server_bytes });
    this.#options.onTrace?.({ kind: "close", connection: this.#connection, at: this.#traceAt() });
    this.#over.resolve();
  }

  async #receive(target: Deno.NetAddr): Promise<void> {
    await receiveFrom(this.#service, target, (bytes) => this.pass("server", bytes.slice()));
  }

  /** Now, in ms since 1970. */
  #traceAt(): number {
    return performance.timeOrigin + performance.now();
  }

  #at(): number {
    return rounded(performance.now() - this.#began);
  }
}
