/**
 * Whether tests can have an io_uring here.
 *
 * @module
 */
import { Ring } from "../../lib/net/uring/ring.ts";

/** False where the system, or a container, has none. */
export const hasRing: boolean = await canOpen();

async function canOpen(): Promise<boolean> {
  try {
    await using _ring = Ring.open();
    return true;
  } catch {
    return false;
  }
}
