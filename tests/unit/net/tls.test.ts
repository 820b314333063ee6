import { assert, assertEquals } from "@std/assert";
import { PlainWire } from "../../../lib/net/tls_client.ts";
import type { ExchangeSink } from "../../../lib/net/wire.ts";
import { ProtocolError } from "../../../lib/base/errors.ts";
import { FramedConn } from "../../../lib/framed_conn.ts";
import { diagnose, isAlert, isClientHello, UNEXPECTED_MESSAGE_ALERT } from "../../../lib/net/tls.ts";
import { FakeWire } from "../../support/fake_wire.ts";
import { frame } from "../../support/net.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.fromHex(hex.replaceAll(" ", ""));

Deno.test("isClientHello() knows the openings of TLS clients, and no frames", () => {
  for (const hello of ["16 03 01 02 00 01", "16 03 03 00 f8 01", "16 03 00 00 2f 01 00"]) {
    assert(isClientHello(bytes(hello)));
  }
  // Frames of 22 bytes in u8, of 5635 bytes in u16, a text, an alert, half an opening, another handshake message.
  for (
    const no of [
      "16 68 65 6c 6c 6f",
      "16 03 41 41 41 41",
      "68 65 6c 6c 6f 0a",
      "15 03 03 00 02 02",
      "16 03 01",
      "16 03 01 02 00 02",
      "",
    ]
  ) {
    assert(!isClientHello(bytes(no)), no);
  }
});

Deno.test("isAlert() knows the alerts of TLS servers, and nothing that a frame could be", () => {
  // rustls: decode_error; OpenSSL: protocol_version, wrong version number.
  for (const alert of ["15 03 03 00 02 02 32", "15 03 01 00 02 02 46"]) assert(isAlert(bytes(alert)));
  assert(isAlert(UNEXPECTED_MESSAGE_ALERT));
  for (
    const no of ["15 03 03 00 02 02", "15 03 03 00 02 02 32 00", "00 00 00 03 61 62 63", "15 04 03 00 02 02 32", ""]
  ) {
    assert(!isAlert(bytes(no)), no);
  }
});

Deno.test("diagnose() tells what a handshake failed of", () => {
  const cases: readonly (readonly [message: string, fault: string, reason: string])[] = [
    ["invalid peer certificate: UnknownIssuer", "untrusted", "UnknownIssuer"],
    [
      'invalid peer certificate: certificate not valid for name "a.example"; certificate is only valid for DnsName("localhost"), IpAddress(127.0.0.1) or IpAddress(0::1)',
      "name",
      "localhost, 127.0.0.1, ::1",
    ],
    [
      'invalid peer certificate: certificate not valid for name "a"; certificate is not valid for any names',
      "name",
      "–",
    ],
    [
      "invalid peer certificate: certificate expired: verification time 1",
      "expired",
      "certificate expired: verification time 1",
    ],
    [
      "invalid peer certificate: certificate not valid yet: verification time 1",
      "not_yet_valid",
      "certificate not valid yet: verification time 1",
    ],
    [
      "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
      "authority",
      "Other(OtherError(CaUsedAsEndEntity))",
    ],
    ["invalid peer certificate: BadSignature", "certificate", "BadSignature"],
    [
      "received corrupt message of type InvalidContentType",
      "not_tls",
      "received corrupt message of type InvalidContentType",
    ],
    [
      "received unexpected handshake message: got ClientHello when expecting ServerHello or HelloRetryRequest",
      "not_tls",
      "received unexpected handshake message: got ClientHello when expecting ServerHello or HelloRetryRequest",
    ],
    ["unexpected end of file", "not_tls", "unexpected end of file"],
    ["received fatal alert: ProtocolVersion", "refused", "received fatal alert: ProtocolVersion"],
  ];
  for (const [message, fault, reason] of cases) assertEquals<unknown>(diagnose(message), { fault, reason });
});

Deno.test("diagnose() lets nothing of a certificate reach a terminal as it is", () => {
  const { reason } = diagnose(
    'invalid peer certificate: certificate not valid for name "a"; certificate is only valid for DnsName("\u001b[31m")',
  );
  assert(!reason.includes("\u001b"), reason);
});

Deno.test("PlainWire notices a server that expects TLS in the first bytes, and never later", async () => {
  assertEquals(await failureOf(UNEXPECTED_MESSAGE_ALERT), "tls_required");
  assertEquals(await failureOf(frame("a"), UNEXPECTED_MESSAGE_ALERT), "frame_too_large");
});

Deno.test("PlainWire.exchange() notices it, too, in the first one alone", async () => {
  const exchange = async (...arrivals: readonly Uint8Array[]): Promise<unknown[]> => {
    const fake = new FakeWire(arrivals);
    const conn = Object.assign(fake, {
      exchange: (bytes: Uint8Array, into: Uint8Array, sink: ExchangeSink): void => {
        fake.write(bytes).then(() => fake.read(into)).then((length) => sink.exchanged(length), sink.failed);
      },
    });
    const wire = new PlainWire(conn, "server:1");
    const told: unknown[] = [];
    for (const _ of arrivals) {
      await new Promise<void>((resolve) =>
        wire.exchange?.(frame("a"), new Uint8Array(64), {
          exchanged: (length) => resolve(void told.push(length)),
          failed: (error) => resolve(void told.push(error instanceof ProtocolError ? error.code : error)),
        })
      );
    }
    return told;
  };
  assertEquals(await exchange(UNEXPECTED_MESSAGE_ALERT), ["tls_required"]);
  assertEquals(await exchange(frame("a"), UNEXPECTED_MESSAGE_ALERT), [5, UNEXPECTED_MESSAGE_ALERT.length]);
});

/** The code of the error that a client in plain text meets when these reads come. */
async function failureOf(...arrivals: readonly Uint8Array[]): Promise<string> {
  const conn = new FramedConn(new PlainWire(new FakeWire(arrivals), "server:1"));
  try {
    while (await conn.receive() !== null);
    return "none";
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error);
  }
}
