/**
 * As much HTTP/1.1 (RFC 9112) as a few short pages need: GET and HEAD, one request a connection, everything bounded. Who
 * connects and says nothing, or half of it, gets a few seconds, and loses its place earlier when others come. Server-sent
 * events go on for as long as the client takes each of them within the same time.
 *
 * `Deno.serve` cannot take its place: it ends the process when the descriptors run out (2.7.11), and waits for the rest of
 * a request for ever.
 *
 * @module
 */
import { acceptLoop } from "../net/accept.ts";
import type { SocketListener, Wire } from "../net/wire.ts";

/** A request, as far as a page depends on it. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD";
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The value of a header that came once, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
}

/** What is answered. */
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
  /** Default: `text/plain`. */
  readonly contentType?: string;
  /** Lines beside those that every answer has. */
  readonly headers?: readonly string[];
  /** Goes on after the body, a part at a time, until it ends or the client leaves. The next one is asked for once the last is taken. */
  readonly events?: AsyncGenerator<string>;
}

/** How an {@linkcode HttpServer} answers. */
export interface HttpOptions {
  readonly respond: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;
  /** The host name the server was told to listen on: requests may name it. */
  readonly hostname: string;
  /** An accept failed; it is tried again. */
  readonly onError?: (error: unknown) => void;
}

/** Connections at once; the one that came first makes room for the next. */
const MAX_HTTP_CONNECTIONS = 8;
/** Streams of events at once, apart from those; one more is turned away. */
const MAX_STREAMS = 32;
/** From the connection to the end of the answer, or for one part of a stream, in ms. */
const HTTP_TIMEOUT = 5000;
/** Bytes of a request. */
const MAX_REQUEST = 8192;

/** Serves until it is disposed of, which ends all connections at once. */
export class HttpServer implements AsyncDisposable {
  readonly #options: HttpOptions;
  readonly #listener: SocketListener<Deno.NetAddr>;
  /** In the order in which they came. */
  readonly #conns = new Map<Wire, Promise<void>>();
  readonly #streams = new Map<Wire, Promise<void>>();
  /** Gives up what is being written: on Deno 2.7.11 a close does not end a write to a client that does not read. */
  readonly #giveUp = new WeakMap<Wire, () => void>();
  readonly #accepting: Promise<void>;

  /** Takes `listener` over. */
  constructor(listener: SocketListener<Deno.NetAddr>, options: HttpOptions) {
    this.#options = options;
    this.#listener = listener;
    this.#accepting = acceptLoop(listener, {
      onConnection: (conn) => this.#take(conn),
      ...(options.onError ? { onError: options.onError } : {}),
    });
  }

  /** Where it listens. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    const open = [...this.#conns, ...this.#streams];
    const serving = open.map(([, served]) => served);
    for (const [conn] of open) this.#close(conn);
    await Promise.all(serving);
  }

  #take(conn: Wire): void {
    const [oldest] = this.#conns.size < MAX_HTTP_CONNECTIONS ? [] : this.#conns.keys();
    if (oldest !== undefined) {
      this.#conns.delete(oldest);
      this.#close(oldest);
    }
    this.#conns.set(conn, this.#serve(conn));
  }

  /** Never rejects. */
  async #serve(conn: Wire): Promise<void> {
    let timer = setTimeout(() => this.#close(conn), HTTP_TIMEOUT);
    const begin = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#close(conn), HTTP_TIMEOUT);
    };
    const closed = Promise.withResolvers<void>();
    this.#giveUp.set(conn, closed.resolve);
    const write = async (bytes: Uint8Array): Promise<void> => {
      const isTaken = await Promise.race([writeAll(conn, bytes).then(() => true), closed.promise]);
      if (isTaken !== true) throw new Deno.errors.Interrupted("closed");
    };
    try {
      const head = await readHead(conn);
      if (head === undefined) return;
      const request = parseRequest(head, this.#isKnownHost);
      const asked = "status" in request ? request : await this.#options.respond(request);
      const isRefused = asked.events !== undefined && this.#streams.size >= MAX_STREAMS;
      const response = isRefused ? { status: 503, body: "Too many watch\n" } : asked;
      const isHead = "method" in request && request.method === "HEAD";
      await write(encodeResponse(response, isHead));
      if (response.events !== undefined && !isHead) {
        this.#keep(conn);
        for await (const part of response.events) {
          begin();
          await write(new TextEncoder().encode(part));
          clearTimeout(timer);
        }
        begin();
      }
      await conn.closeWrite();
      // Until the client has left: a close over bytes that nobody read would destroy the answer on its way.
      for (const rest = new Uint8Array(MAX_REQUEST); await conn.read(rest) !== null;);
    } catch {
      // The client has left, or its time is over.
    } finally {
      clearTimeout(timer);
      this.#conns.delete(conn);
      this.#streams.delete(conn);
      close(conn);
    }
  }

  #close(conn: Wire): void {
    this.#giveUp.get(conn)?.();
    close(conn);
  }

  /** From here on the connection makes no room for others. */
  #keep(conn: Wire): void {
    const served = this.#conns.get(conn);
    this.#conns.delete(conn);
    if (served !== undefined) this.#streams.set(conn, served);
  }

  /**
   * Whether a request for `host` may be answered. On loopback, a page that a browser got from elsewhere must not read the
   * numbers by giving its own name the address 127.0.0.1 (DNS rebinding).
   */
  readonly #isKnownHost = (host: string): boolean => {
    const name = URL.parse(`http://${host}`)?.hostname;
    if (name === undefined) return false;
    const { hostname } = this.#listener.addr;
    const isLoopback = hostname.startsWith("127.") || hostname === "::1";
    const isAddress = /^\[|^[\d.]+$/.test(name);
    return !isLoopback || isAddress || name === "localhost" || name === this.#options.hostname.toLowerCase();
  };
}

/** The request as far as its empty line; undefined when the client leaves before that. */
async function readHead(conn: Wire): Promise<string | undefined> {
  const buffer = new Uint8Array(MAX_REQUEST);
  for (let length = 0; length < buffer.length;) {
    const read = await conn.read(buffer.subarray(length));
    if (read === null) return undefined;
    length += read;
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, length));
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) return text.slice(0, end);
  }
  return "";
}

function parseRequest(head: string, isKnownHost: (host: string) => boolean): HttpRequest | HttpResponse {
  const [first = "", ...lines] = head.split("\r\n");
  const [, method, target, minor] = /^([A-Z]+) (\S+) HTTP\/1\.([01])$/.exec(first) ?? [];
  const headers = lines.map((line) => /^([\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []);
  if (head === "") return { status: 431, body: `A request has at most ${MAX_REQUEST} bytes\n` };
  if (target === undefined || headers.some(([line]) => line === undefined)) {
    return { status: 400, body: "Bad request\n" };
  }
  const values = (wanted: string): (string | undefined)[] =>
    headers.filter(([, name]) => name?.toLowerCase() === wanted).map(([, , value]) => value);
  const hosts = values("host");
  // RFC 9112, section 3.2; the host of an absolute target counts beside the header's.
  const [, authority, path = "", query = ""] = /^(?:https?:\/\/([^/?]*))?([^?]*)\??(.*)$/i.exec(target) ?? [];
  if (hosts.length > 1 || (hosts.length === 0 && minor === "1")) return { status: 400, body: "Bad request: Host\n" };
  if ([...hosts, authority ?? "localhost"].some((host) => !isKnownHost(host ?? ""))) {
    return { status: 421, body: "This host is not served here\n" };
  }
  if (method !== "GET" && method !== "HEAD") return { status: 405, body: "Only GET and HEAD\n" };
  if (values("transfer-encoding").length > 0 || values("content-length").some((length) => length !== "0")) {
    return { status: 413, body: "A request here has no body\n" };
  }
  const header = (name: string): string | undefined => {
    const [value, ...more] = values(name);
    return more.length === 0 ? value : undefined;
  };
  return { method, path, query: new URLSearchParams(query), header };
}

const PHRASES: Readonly<Record<number, string>> = {
  200: "OK",
  303: "See Other",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  503: "Service Unavailable",
};

function encodeResponse(
  { status, body, contentType = "text/plain; charset=utf-8", headers = [], events }: HttpResponse,
  isHead: boolean,
): Uint8Array {
  const bytes = new TextEncoder().encode(body);
  const head = [
    `HTTP/1.1 ${status} ${PHRASES[status] ?? ""}`,
    `content-type: ${contentType}`,
    ...(events === undefined ? [`content-length: ${bytes.length}`] : []),
    ...headers,
    ...(status === 405 ? ["allow: GET, HEAD"] : []),
    "cache-control: no-store",
    "x-content-type-options: nosniff",
    "connection: close",
  ];
  return new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${isHead ? "" : body}`);
}

async function writeAll(conn: Wire, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

function close(conn: Wire): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
