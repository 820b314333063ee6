/**
 * What is wrong with a capture.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";

/** See {@linkcode captureError}. */
export interface CaptureFault {
  readonly problem: "unknown" | "damaged" | "damaged_line" | "link_type" | "version";
  /** Bytes or lines from the beginning; the number of the link type. */
  readonly at: number;
}

/** A file that is no capture, or that cannot be read on. Its path is added where it is known. */
export function captureError({ problem, at }: CaptureFault): ProtocolError {
  return new ProtocolError("bad_capture", `Cannot read the capture: ${problem} at ${at}`, {
    details: { problem: `capture_${problem}`, at },
  });
}
