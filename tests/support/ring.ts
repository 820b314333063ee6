/**
 * Whether tests can have an io_uring here.
 *
 * @module
 */
import { Ring } from "../../lib/net/uring/ring.ts";
import { python } from "./python.ts";

/** False where the system, or a container, has none. */
export const hasRing: boolean = await canOpen();

/** Runs a program under a filter that refuses io_uring_setup with EPERM, as a container's profile does (seccomp(2)). */
const WITHOUT_RING = `
import ctypes, os, struct, sys
ops = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *op) for op in ops))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(ops), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, filter, 0, 0) == 0, os.strerror(ctypes.get_errno())
os.execv(sys.argv[1], sys.argv[1:])`;

/** What stands before a program that is to have no io_uring. */
export function withoutRing(): string[] {
  return [python(), "-c", WITHOUT_RING];
}

async function canOpen(): Promise<boolean> {
  try {
    await using _ring = Ring.open();
    return true;
  } catch {
    return false;
  }
}
