/**
 * Half-close, and what the port says to TLS.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { NetworkError, ProtocolError, TimeoutError } from "../../base/errors.ts";
import { connect } from "../../net/dial.ts";
import { type Checked, type Fact, finding, note } from "./facts.ts";
import { digits } from "./payloads.ts";
import { ProbeConnection, type ProbeOptions, tryOnce } from "./probe_connection.ts";
import type { Answer } from "./reach.ts";

/** Codes of a handshake that failed of something else than the certificate. */
const BROKEN: readonly string[] = ["tls_not_spoken", "tls_failed"];

/** Frames before our FIN: about 50 KiB. */
const FRAMES = 1000;

/** Whether a reply still comes after our FIN, and then the server's. */
export async function checkHalfClose(options: ProbeOptions): Promise<Checked> {
  // So many that they are still on their way when the FIN comes.
  const frame = options.framing.encode(digits(48));
  const frames = concat(...Array.from({ length: FRAMES }, () => frame));
  await using connection = await ProbeConnection.tryOpen(options);
  if (connection === undefined) return { facts: [], data: { half_close: null } };
  await connection.send(frames);
  await connection.closeWrite();
  await connection.waitFor(() => connection.receivedBytes >= frames.length, options.timeout);
  const isAnswered = connection.receivedBytes >= frames.length;
  await connection.waitForEnd(isAnswered ? options.timeout : 0);
  const how = connection.end?.how ?? "silent";
  const fact: Fact = !isAnswered
    ? finding("half_close_lost", { how })
    : how === "closed"
    ? note("half_close")
    : finding(how === "reset" ? "half_close_reset" : "half_close_hidden", { wait_ms: options.timeout });
  return { facts: [fact], data: { half_close: { answered: isAnswered, end: how } } };
}

/** What the port says in plain text, where everything else was tried inside TLS. */
export async function checkPlain(options: ProbeOptions): Promise<Checked> {
  const exchange = await tryOnce({ ...options, tls: undefined }, options.framing.encode(digits(48)));
  const how = exchange?.outcome ?? "refused";
  const fact = how === "same" ? note("plain") : note("plain_none", { how });
  return { facts: [fact], data: { tls: { speaks: true, plain: how } } };
}

/**
 * What is told where there is a connection and no TLS over it.
 *
 * @throws `error`, where there is no connection either, or the certificate is what is wrong.
 */
export async function checkBrokenTls(error: unknown, options: ProbeOptions): Promise<Answer> {
  const isOther = error instanceof ProtocolError && !BROKEN.includes(error.code);
  if (options.tls === undefined || isOther) throw error;
  await using connection = await ProbeConnection.tryOpen({ ...options, tls: undefined });
  if (connection === undefined) throw error;
  const told = error instanceof ProtocolError ? error.details["reason"] : undefined;
  const how = told ?? (error instanceof TimeoutError ? "silent" : error instanceof NetworkError ? "reset" : undefined);
  if (how === undefined) throw error;
  return { isAlive: false, facts: [finding("tls_broken", { how: String(how) })], data: { echo: null, tcp: null } };
}

/** What the port says to the beginning of TLS. */
export async function checkTls({ target, ...options }: ProbeOptions): Promise<Checked> {
  const speaks = await (async (): Promise<boolean | null> => {
    try {
      const { conn } = await connect(target, { ...options, tls: {} });
      conn.close();
      return true;
    } catch (error) {
      if (!(error instanceof ProtocolError)) return null;
      return !BROKEN.includes(error.code);
    }
  })();
  const fact = speaks === true ? note("tls") : speaks === false ? note("tls_none") : note("tls_silent");
  return { facts: [fact], data: { tls: { speaks } } };
}
