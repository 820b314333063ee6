/**
 * Sessions that end because somebody has revoked them.
 *
 * @module
 */
import { delay } from "../base/delay.ts";
import { REVOCATION_POLL } from "../base/limits.ts";
import type { Identity } from "../protocol/server_dialogue.ts";
import type { Authenticator } from "./authenticator.ts";
import type { ServiceLog } from "./log.ts";

/**
 * Ends the sessions that are revoked, as that becomes known. An error does not end the watch: it goes on where it was, so
 * that nothing is missed.
 */
export async function endRevoked(
  authenticator: Pick<Authenticator, "revocations">,
  { signal, log, end }: {
    readonly signal: AbortSignal;
    readonly log: ServiceLog;
    readonly end: (isRevoked: (identity: Identity) => Promise<boolean>) => Promise<void>;
  },
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const isRevoked of authenticator.revocations(signal)) await end(isRevoked);
    } catch (error) {
      log.error("revocations_unwatched", { error: String(error) });
    }
    await delay(REVOCATION_POLL, signal);
  }
}
