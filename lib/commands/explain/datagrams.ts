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
import type { Direction } from "../capture/direction.ts";
import { maskedData } from "./masked_trace.ts";
import type { ProxyOptions } from "./proxy.ts";
import { latin1, merged, ReturningSecrets, secretsOf, StreamSecrets } from "./secret_words.ts";
import { rounded } from "./tap.ts";
import type { Range, TraceData } from "../capture/trace.ts";

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

/** Tells of the datagrams between a client and a service, without what is secret. */
export class DatagramTap {
  readonly #options: Pick<ProxyOptions, "most" | "showSecrets" | "onEvent" | "onTrace">;
  readonly #returning = new ReturningSecrets();
  readonly #secrets = new StreamSecrets({ isMidway: false, returning: this.#returning });
  readonly #numbers = { client: 0, server: 0 };
  /** Bytes of each side. */
  readonly bytes = { client: 0, server: 0 };

  constructor(options: Pick<ProxyOptions, "most" | "showSecrets" | "onEvent" | "onTrace">) {
    this.#options = options;
  }

  /** @param at_ms Since the connection began. */
  take(data: TraceData, at_ms: number): void {
    const { connection, from, bytes, at } = data;
    const { most, onEvent, onTrace } = this.#options;
    const secrets = this.#secretsIn(from, bytes);
    const header = readDatagramHeader(bytes);
    onEvent({
      ...{ event: "datagram", connection, at_ms, from, number: ++this.#numbers[from] },
      payload: byteView(bytes, { most, secrets }),
      ...header === undefined ? {} : { sequence: header.number, age_ms: rounded(at - header.sentAt) },
    });
    onTrace?.(maskedData(data, secrets));
  }

  #secretsIn(from: Direction, bytes: Uint8Array): Range[] {
    const start = this.bytes[from];
    this.bytes[from] += bytes.length;
    if (this.#options.showSecrets) return [];
    this.#secrets.take(from, bytes);
    const text = latin1(bytes);
    const own = secretsOf(text);
    this.#returning.add(own.map(([a, b]) => text.slice(a, b)));
    return merged([...own, ...this.#returning.in(text), ...this.#secrets.in(from, [start, start + bytes.length])]);
  }
}

class Client {
  readonly #connection: number;
  readonly #options: DatagramOptions;
  readonly #began = performance.now();
  readonly #service: Socket;
  readonly #faults: Readonly<Record<Direction, DatagramFaults>>;
  readonly #tap: DatagramTap;
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
    this.#tap = new DatagramTap(options);
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
    const data = { kind: "data", connection: this.#connection, at: this.#traceAt(), from, bytes, masked: [] } as const;
    this.#tap.take(data, this.#at());
    this.#faults[from].pass(bytes);
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#service.close();
    const { client: client_bytes, server: server_bytes } = this.#tap.bytes;
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
