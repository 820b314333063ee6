/**
 * TLS from the client's side: whom to trust, the handshake, and what its failures mean.
 *
 * @module
 */
import { ConfigError, NetworkError, ProtocolError, UsageError } from "../base/errors.ts";
import { readTrusted } from "../base/text_file.ts";
import type { Wire } from "../framed_conn.ts";
import type { ExchangeSink } from "./wire.ts";
import type { Dialed } from "./dial_from.ts";
import type { TlsIdentity } from "./certificate.ts";
import { badTlsFile, diagnose, isAlert, type TlsFault, unreadableTlsFile } from "./tls.ts";

/** Whom to trust, beside the authorities that Deno trusts. */
export interface TlsTrust {
  /** An authority of one's own. */
  readonly authority?: TlsAuthority;
  /** The name the certificate has to be for, where it is not the host's. */
  readonly name?: string;
  /** What the client shows of itself where the server asks for it. Not with a name of one's own. */
  readonly identity?: TlsIdentity;
}

/** Certificates of authorities. */
export interface TlsAuthority {
  readonly path: string;
  readonly pem: string;
}

/**
 * Reads a file of certificates in PEM.
 *
 * @throws {ConfigError} `bad_tls_file`, `untrusted_file`
 */
export function readAuthority(path: string): TlsAuthority {
  let pem: string;
  try {
    pem = readTrusted(path, { lossy: true, anyOwner: true });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw unreadableTlsFile(path, error);
  }
  if (!/-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(pem)) throw badTlsFile(path, "tls_no_certificate");
  return { path, pem };
}

/** What {@linkcode startTls} needs to know. */
export interface StartTlsOptions {
  readonly trust: TlsTrust;
  readonly host: string;
  /** For messages: `host:port`. */
  readonly address: string;
  /** Gives the handshake up. */
  readonly signal: AbortSignal;
}

/**
 * Goes through the handshake over `conn`, which is the result's from here on, and closed when that fails.
 *
 * @throws {ProtocolError} `tls_untrusted`, `tls_name`, `tls_expired`, `tls_not_yet_valid`, `tls_authority`,
 * `tls_certificate`, `tls_not_spoken`, `tls_failed`.
 * @throws {ConfigError} `bad_tls_file`, when an authority's certificate cannot be used.
 * @throws {UsageError} `tls_usage`, when the server's name is none that a certificate can have.
 */
export async function startTls(conn: Deno.TcpConn, options: StartTlsOptions): Promise<Dialed> {
  const { trust: { authority, name }, host, signal } = options;
  // The zone of a link-local address (RFC 4007) says which way to go, not who is there.
  // A dot at the end says that a name is whole; neither SNI (RFC 6066, section 3) nor a certificate has it.
  const hostname = (name ?? host.replace(/%.*$/, "")).replace(/\.$/, "");
  let tls: Deno.TlsConn;
  try {
    tls = await Deno.startTls(conn, { hostname, ...authority === undefined ? {} : { caCerts: [authority.pem] } });
  } catch (error) {
    closeIfOpen(conn);
    if (error instanceof TypeError) throw badName(hostname, error);
    if (authority === undefined || signal.aborted) throw error;
    throw badTlsFile(authority.path, "tls_bad_certificate", error);
  }
  return await shakenHands(tls, { ...options, hostname });
}

/**
 * A connection to a server that may ask for the client's certificate. Only `Deno.connectTls` can show one: it looks the name
 * up, and tries its addresses one after the other, by itself.
 *
 * @throws As {@linkcode startTls}.
 */
export async function connectTls(port: number, options: StartTlsOptions): Promise<Dialed> {
  const { trust: { authority, identity }, host: hostname, signal } = options;
  let tls: Deno.TlsConn;
  try {
    const caCerts = authority === undefined ? {} : { caCerts: [authority.pem] };
    tls = await unlessAborted(Deno.connectTls({ hostname, port, ...identity, ...caCerts }), signal);
  } catch (error) {
    if (error instanceof TypeError) throw badName(hostname, error);
    if (authority === undefined || !(error instanceof Deno.errors.InvalidData)) throw error;
    throw badTlsFile(authority.path, "tls_bad_certificate", error);
  }
  return await shakenHands(tls, { ...options, hostname });
}

/** What is opened by then; what opens later is closed. */
async function unlessAborted(opening: Promise<Deno.TlsConn>, signal: AbortSignal): Promise<Deno.TlsConn> {
  const gaveUp = Promise.withResolvers<never>();
  const giveUp = (): void => {
    gaveUp.reject(signal.reason);
    opening.then((late) => late.close(), () => {/* told already */});
  };
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([opening, gaveUp.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

async function shakenHands(
  tls: Deno.TlsConn,
  { hostname, ...options }: StartTlsOptions & { readonly hostname: string },
): Promise<Dialed> {
  const { signal } = options;
  const giveUp = (): void => tls.close();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await tls.handshake();
    return new TlsWire(tls);
  } catch (error) {
    if (signal.aborted) throw error;
    tls.close();
    throw handshakeError(error, hostname, options);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** What a client reads is looked at; the rest goes to the connection as it is. */
abstract class WatchedWire implements Wire {
  protected readonly conn: Wire;

  constructor(conn: Wire) {
    this.conn = conn;
  }

  abstract read(into: Uint8Array): Promise<number | null>;

  write(bytes: Uint8Array): Promise<number> {
    return this.conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.conn.closeWrite();
  }

  close(): void {
    this.conn.close();
  }
}

/** A connection in plain text whose peer may turn out to expect TLS: then it answers with an alert. */
export class PlainWire extends WatchedWire {
  /** Only where the connection can. */
  readonly exchange?: NonNullable<Wire["exchange"]>;
  readonly #address: string;
  #isFirst = true;

  /** Takes `conn` over. */
  constructor(conn: Wire, address: string) {
    super(conn);
    this.#address = address;
    const exchange = conn.exchange?.bind(conn);
    if (exchange === undefined) return;
    this.exchange = (bytes, into, sink) =>
      exchange(bytes, into, this.#isFirst ? this.#firstExchange(sink, into) : sink);
  }

  /** @throws {ProtocolError} `tls_required` */
  override read(into: Uint8Array): Promise<number | null> {
    const pending = this.conn.read(into);
    return this.#isFirst ? pending.then((length) => this.#checked(length, into)) : pending;
  }

  #firstExchange(sink: ExchangeSink, into: Uint8Array): ExchangeSink {
    return {
      exchanged: (length) => {
        try {
          this.#checked(length, into);
        } catch (error) {
          return sink.failed(error);
        }
        sink.exchanged(length);
      },
      failed: (error) => sink.failed(error),
    };
  }

  /** What was read first. */
  #checked(length: number | null, into: Uint8Array): number | null {
    this.#isFirst = false;
    if (length === null || !isAlert(into.subarray(0, length))) return length;
    throw new ProtocolError("tls_required", `Cannot talk to ${this.#address}: the server speaks TLS`, {
      details: { address: this.#address },
    });
  }
}

/** A TLS connection after its handshake, whose peer may leave without TLS's own goodbye (close_notify). */
class TlsWire extends WatchedWire implements Dialed {
  readonly localAddr: Deno.Addr;
  readonly remoteAddr: Deno.Addr;

  constructor(conn: Deno.TlsConn) {
    super(conn);
    [this.localAddr, this.remoteAddr] = [conn.localAddr, conn.remoteAddr];
  }

  override async read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.conn.read(into);
    } catch (error) {
      // An echo that is missing is noticed by its length and number.
      if (error instanceof Deno.errors.UnexpectedEof) return null;
      if (!(error instanceof Deno.errors.InvalidData)) throw error;
      const { reason } = diagnose(error.message);
      throw new ProtocolError("tls_failed", `TLS connection ended: ${reason}`, {
        details: { reason, ...asksForCertificate(reason) },
        cause: error,
      });
    }
  }
}

const CODES = {
  untrusted: "tls_untrusted",
  name: "tls_name",
  expired: "tls_expired",
  not_yet_valid: "tls_not_yet_valid",
  authority: "tls_authority",
  certificate: "tls_certificate",
  not_tls: "tls_not_spoken",
  refused: "tls_failed",
} as const satisfies Readonly<Record<TlsFault, string>>;

function handshakeError(error: unknown, name: string, { address }: StartTlsOptions): unknown {
  if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
    return new NetworkError("reset", `Cannot connect to ${address}: the connection was reset`, {
      details: { address, action: "connect to" },
      cause: error,
    });
  }
  const isTold = error instanceof Deno.errors.InvalidData || error instanceof Deno.errors.UnexpectedEof;
  if (!isTold) return error;
  const { fault, reason } = diagnose(error.message);
  return new ProtocolError(CODES[fault], `Cannot make a TLS connection to ${address}: ${reason}`, {
    details: { address, name, reason, ...asksForCertificate(reason) },
    cause: error,
  });
}

/** The alert `certificate_required` (RFC 8446, section 6.2); with TLS 1.3 it comes after the handshake. */
function asksForCertificate(reason: string): { readonly problem?: string } {
  return /CertificateRequired/.test(reason) ? { problem: "tls_client_certificate" } : {};
}

/** `Deno.startTls` takes the connection over at some moment of its failing. */
function closeIfOpen(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // It was taken over, and is closed.
  }
}

function badName(name: string, cause: unknown): UsageError {
  return new UsageError("tls_usage", `Cannot verify the name "${name}": no certificate can have it`, {
    details: { name, problem: "tls_bad_name" },
    cause,
  });
}
