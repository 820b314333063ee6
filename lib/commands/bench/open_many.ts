/**
 * Many connections, some at a time.
 *
 * @module
 */
import type { FramedConn } from "../../framed_conn.ts";

/** Connections to try at the same time: more would wait in the listen queue of the server. */
export const AT_ONCE = 64;

/** How connections are opened, beside how many. */
export interface OpenWatch {
  /** Ends it with those that are open. */
  readonly signal?: AbortSignal | undefined;
  /** Told from time to time how many are open. */
  readonly onOpened?: ((opened: number) => void) | undefined;
}

/** Opens `count` connections, `atOnce` at the same time; where one cannot be opened, none is left open. */
export async function openMany(
  open: () => Promise<FramedConn>,
  { count, atOnce = AT_ONCE, signal, onOpened }: OpenWatch & { readonly count: number; readonly atOnce?: number },
): Promise<FramedConn[]> {
  const opened: FramedConn[] = [];
  // Some at least: a run without any has nothing to tell, not even what is wrong.
  while (opened.length < count && (opened.length === 0 || signal?.aborted !== true)) {
    onOpened?.(opened.length);
    const some = Array.from({ length: Math.min(atOnce, count - opened.length) }, open);
    const settled = await Promise.allSettled(some);
    opened.push(...settled.flatMap((one) => one.status === "fulfilled" ? [one.value] : []));
    const failed = settled.find((one) => one.status === "rejected");
    if (failed === undefined) continue;
    for (const conn of opened) conn.close();
    throw failed.reason;
  }
  return opened;
}
