/** What became of datagrams beside being echoed or lost. */
export interface DatagramFigures {
  /** They came after one that had left later (RFC 4737). */
  readonly reordered: number;
  /** They came once more, each time counted. */
  readonly duplicated: number;
  /** They came back with other bytes. */
  readonly corrupted: number;
  /** They came without having been sent in this run. */
  readonly unexpected: number;
  /** In ms, the mean of all sockets. */
  readonly jitter: number | null;
}

/** A time in ms, as it is told: in µs, to a tenth. */
export function inMicroseconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10_000) / 10;
}
