/**
 * What nobody else has caught. A connection has its own state, so an error that is lost on the way of one leaves the others
 * sound: it is logged and counted, and the server goes on. When such errors do not cease, it ends in order.
 *
 * @module
 */
import type { ServiceLog } from "./log.ts";
import type { Stats } from "./stats.ts";

/** Errors a minute after which the server's state is no longer trusted. */
const MAX_UNFORESEEN = 60;

/** Watches until it is disposed of. */
export interface LastResort extends Disposable {
  /** Aborted, with the last error, when there were too many. */
  readonly signal: AbortSignal;
}

/** Takes uncaught errors and rejections of this thread. */
export function lastResort(log: ServiceLog, stats: Stats): LastResort {
  const giveUp = new AbortController();
  let times: number[] = [];
  const take = (error: unknown): void => {
    const now = performance.now();
    times = [...times.filter((time) => now - time < 60_000), now];
    stats.unforeseen++;
    log.error("unforeseen", { error: error instanceof Error ? error.stack ?? error.message : String(error) });
    if (times.length > MAX_UNFORESEEN) giveUp.abort(error);
  };
  const onRejection = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    take(event.reason);
  };
  const onError = (event: ErrorEvent): void => {
    event.preventDefault();
    take(event.error);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    signal: giveUp.signal,
    [Symbol.dispose](): void {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}
