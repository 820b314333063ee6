/**
 * How a measuring datagram begins; `explain` reads it as well.
 *
 * @module
 */

/** "EU" */
export const MARK = 0x4555;

/** Bytes of the header: mark, run, number, time. */
export const HEADER = 16;
