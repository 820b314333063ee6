/**
 * Clients that are not let in.
 *
 * @module
 */
import { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import type { Socket } from "../net/wire.ts";
import type { Authenticator } from "./authenticator.ts";
import { sendClosingReply } from "./carry_dialogue.ts";
import type { Denial } from "./connection_limiter.ts";
import type { ServiceLog } from "./log.ts";
import type { Peer } from "./peer.ts";

/** Who is refused, why, and in which mode. */
export interface Refusal {
  readonly peer: Peer;
  readonly denial: Denial;
  readonly log: ServiceLog;
  readonly framing: Framing;
  readonly authenticator?: Authenticator;
}

/** Turns a connection away, with a word where the mode has words. */
export function refuse(
  conn: Socket,
  { peer, denial, log, authenticator, framing }: Refusal,
): void {
  log.warn("refuse", { peer: peer.text, limit: denial });
  if (peer.isTls) return conn.close();
  const framed = new FramedConn(conn, { framing });
  const said = authenticator === undefined
    ? Promise.resolve()
    : sendClosingReply({ conn: framed, framing, authenticator }, 421, "too_many_connections");
  void said.catch(() => {/* it is gone already */}).finally(() => framed.close());
}
