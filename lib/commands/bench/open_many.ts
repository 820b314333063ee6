/**
 * Many connections, some at a time.
 *
 * @module
 */
import type { FramedConn } from "../../framed_conn.ts";

/** Connections to try at the same time: more would wait in the listen queue of the server. */
export const AT_ONCE = 64;

/** Opens `count` connections, `atOnce` at the same time; where one cannot be opened, none is left open. */
export async function openMany(
  open: () => Promise<FramedConn>,
  { count, atOnce = AT_ONCE }: { readonly count: number; readonly atOnce?: number },
): Promise<FramedConn[]> {
  const opened: FramedConn[] = [];
  while (opened.length < count) {
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
