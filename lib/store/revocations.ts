/**
 * How a running server learns what another process has revoked.
 *
 * @module
 */
import { delay } from "../base/delay.ts";
import { UsageError } from "../base/errors.ts";
import { REVOCATION_POLL } from "../base/limits.ts";
import type { Revocations, UserStore } from "./store.ts";

/** What {@linkcode watchRevocations} can be told. */
export interface WatchOptions {
  /** Where to begin, as {@linkcode UserStore.version} answered it, before the first session was opened. */
  readonly since: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Between two looks, in ms. Default: {@linkcode REVOCATION_POLL}. */
  readonly everyMs?: number;
  /** Told of the first look that failed; the watch goes on. */
  readonly onError?: (error: unknown) => void;
  /** Told of the first look that succeeded after that; it covers those that failed. */
  readonly onRecovery?: () => void;
}

/**
 * Everything revoked after `since`, by this process or another, as it is noticed; each look that finds nothing is silent.
 * Ends when the signal does.
 *
 * @throws {UsageError} `closed`: the store is closed.
 *
 * @example
 * ```ts
 * import { openSqliteStore } from "./sqlite_store.ts";
 * import { watchRevocations } from "./revocations.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const directory = await Deno.makeTempDir();
 * {
 *   await using store = await openSqliteStore(directory);
 *   const since = await store.version();
 *   await store.createUser({ name: "Anna", verifier: "SCRAM-SHA-256$…", createdAt: 0 });
 *   await store.setDisabled("Anna", true);
 *   const stop = new AbortController();
 *   for await (const { users } of watchRevocations(store, { since, signal: stop.signal })) {
 *     assertEquals(users, ["Anna"]);
 *     stop.abort();
 *   }
 * }
 * await Deno.remove(directory, { recursive: true });
 * ```
 */
export async function* watchRevocations(
  store: Pick<UserStore, "revocationsSince" | "fleet">,
  { since, signal, everyMs = REVOCATION_POLL, onError, onRecovery }: WatchOptions,
): AsyncGenerator<Revocations, void, void> {
  let version = since;
  let isFailing = false;
  while (!signal.aborted) {
    const told = new AbortController();
    // From before the look: what happens during it is not missed.
    using _listening = store.fleet?.onRevoked(() => told.abort());
    const found = await store.revocationsSince(version).catch((error: unknown) => {
      if (error instanceof UsageError) throw error;
      if (!isFailing) onError?.(error);
      isFailing = true;
      return null;
    });
    if (found !== null && isFailing) {
      isFailing = false;
      onRecovery?.();
    }
    // A store whose file was replaced by a backup says so once: `version` goes on from there.
    if (found !== null && (found.version !== version || !found.complete)) {
      yield found;
      version = found.version;
    }
    // Whoever is told need not wait; what the telling misses is found by looking.
    await delay(everyMs, AbortSignal.any([signal, told.signal]));
  }
}
