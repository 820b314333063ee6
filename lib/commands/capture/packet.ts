/**
 * A packet as a capture file has it.
 *
 * @module
 */

export interface CapturedPacket {
  /** Ms since 1970. */
  readonly at: number;
  /** The link-layer type, a number of tcpdump.org/linktypes.html. */
  readonly link: number;
  /** As many of its bytes as were kept. */
  readonly bytes: Uint8Array;
}

/** Longest packet that is believed, in bytes: four times what tcpdump ever keeps. */
export const MAX_PACKET = 1024 * 1024;
