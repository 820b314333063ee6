/**
 * What is wrong with a capture.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";

/** See {@linkcode captureError}. */
interface CaptureFault {
  readonly problem: "unknown" | "damaged" | "damaged_line" | "link_type" | "version" | "masked";
  /** Bytes or lines from the beginning; the number of the link type. */
  readonly at: number;
  readonly path?: string;
}

/** A file that is no capture, or that cannot be read on. Its path is added where it is known. */
export function captureError({ problem, at, path }: CaptureFault): ProtocolError {
  return new ProtocolError("bad_capture", `Cannot read the capture: ${problem} at ${at}`, {
    details: { problem: `capture_${problem}`, at, ...path === undefined ? {} : { path } },
  });
}
