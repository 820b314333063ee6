/**
 * How long io_uring_enter(2) waits, in memory as the kernel reads it.
 *
 * @module
 */

/** The first points to the second. For fewer completions than wanted: `least`, in µs, 0 for as long. */
export interface Wait {
  readonly argument: Uint8Array<ArrayBuffer>;
  readonly time: BigInt64Array;
  readonly least: DataView;
}

/** A wait of so many ms: struct io_uring_getevents_arg, a signal mask, of which there is none, and the longest time. */
export function waitOf(ms: number, memory: { addressOf(bytes: BigInt64Array): number }): Wait {
  const time = new BigInt64Array([0n, BigInt(ms) * 1_000_000n]);
  const argument = new Uint8Array(24);
  new DataView(argument.buffer).setBigUint64(16, BigInt(memory.addressOf(time)), true);
  return { argument, time, least: new DataView(argument.buffer, 12, 4) };
}
