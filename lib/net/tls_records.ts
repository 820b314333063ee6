/**
 * TLS as a framing: its records have a header with a length, whatever they hold. Nothing is decrypted.
 *
 * @module
 */
import type { Framing } from "../framing/framing.ts";
import { badHeader, notEncodable, Scanner } from "../framing/scanner.ts";
import { isAlert, isClientHello } from "./tls.ts";

/** type, version (2 bytes), length (2 bytes): RFC 8446, section 5.1. */
const HEADER = 5;

/** Record types, RFC 8446, section 5.1 and appendix B.1. */
const TYPES: Readonly<Record<number, string>> = {
  20: "change_cipher_spec",
  21: "alert",
  22: "handshake",
  23: "application_data",
};

/** TLS records as frames. There is nothing to be sent with it. */
export const TLS_RECORDS: Framing = {
  name: "tls",
  capacity: 0xffff,
  hasBoundaries: true,
  kind: "binary",
  headerSize: 5,
  trailerSize: 0,
  encode: () => {
    throw notEncodable("too_long", "tls");
  },
  scanner: (limit) => new TlsScanner(limit),
};

/** Whether a direction that begins with these bytes is one of TLS; `undefined` while there are too few to tell. */
export function opensTls(bytes: Uint8Array): boolean | undefined {
  if (isClientHello(bytes) || isAlert(bytes)) return true;
  const isBegun = bytes.length < HEADER + 1 && bytes[0] === 0x16 && (bytes.length < 2 || bytes[1] === 3);
  return isBegun ? undefined : false;
}

/** The name of a record's type, with that of the message in it, where it is a handshake's in plain text. */
export function recordName(header: Uint8Array, payload: Uint8Array): string {
  const type = TYPES[header[0] ?? 0] ?? "unknown";
  const message = type === "handshake" ? MESSAGES[payload[0] ?? 0] : undefined;
  return message === undefined ? type : `${type}: ${message}`;
}

/** Handshake messages, RFC 8446, section 4, and RFC 5246, section 7.4. */
const MESSAGES: Readonly<Record<number, string>> = {
  1: "ClientHello",
  2: "ServerHello",
  11: "Certificate",
  12: "ServerKeyExchange",
  13: "CertificateRequest",
  14: "ServerHelloDone",
  15: "CertificateVerify",
  16: "ClientKeyExchange",
};

class TlsScanner extends Scanner {
  #owed = 0;

  override step(bytes: Uint8Array, pos: number, end: number): number {
    if (this.error !== undefined) return pos;
    if (!this.inFrame) {
      if (end - pos < HEADER) return this.needMore(pos);
      const header = bytes.subarray(pos, pos + HEADER);
      if (TYPES[header[0] ?? 0] === undefined || header[1] !== 3) return this.fail(badHeader(header), pos);
      this.#owed = this.frameLength = (header[3] ?? 0) * 0x100 + (header[4] ?? 0);
      pos += HEADER;
    }
    const taken = Math.min(this.#owed, end - pos);
    this.#owed -= taken;
    this.span(pos, pos + taken, this.#owed === 0);
    return pos + taken;
  }
}
