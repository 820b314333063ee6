import { assertEquals } from "@std/assert";
import { NetworkError, ProtocolError, TimeoutError } from "../../../lib/base/errors.ts";
import { explainError, translator } from "../../../lib/cli/texts.ts";
import { pipeline } from "../../../lib/client/pipeline.ts";
import { FramedConn } from "../../../lib/framed_conn.ts";
import { framingFrom } from "../../../lib/framing/framing.ts";
import { guessFraming, headedFraming, impressionOf, looksLike, withImpression } from "../../../lib/net/sniff.ts";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("guessFraming() waits for what could still come, and decides when nothing does", () => {
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ["\0", undefined, "u8"],
    ["\0\0\0\x02h", undefined, "u32"],
    ["\0\0\0\x02hi", "u32", "u32"],
    ["\x02\0\0\0hi", "u32le", "u32le"],
    ["0002hi", "dec:4", "dec:4"],
    ["0005", undefined, "dec:4"],
    ["0cпривет", "hex:2", "hex:2"],
    ["2:hi,", "netstring", "netstring"],
    ["\0\x02hi", undefined, "u16"],
    ["\x02\0hi", "u16le", "u16le"],
    ["hi", undefined, "raw"],
    ["hi\r\n", "line", "line"],
    ["12 bananas\n", undefined, "line"],
    ["1\n2\n", undefined, "line"],
  ];
  for (const [text, now, atLast] of cases) {
    const guess = (isLast: boolean): string | undefined =>
      guessFraming(bytes(text), { maxFrame: 2 ** 24, isLast })?.name;
    assertEquals([guess(false), guess(true)], [now, atLast], JSON.stringify(text));
  }
});

Deno.test("guessFraming() knows the framings whose header counts itself, or has eight bytes", () => {
  const guess = (framing: string): string | undefined =>
    guessFraming(framingFrom(framing).encode(bytes("hi")), { maxFrame: 100, isLast: true })?.name;
  for (
    const name of ["u32", "u32le", "u32incl", "u64", "u16", "u16le", "u16incl", "u8", "dec:20", "netstring"]
  ) {
    assertEquals(guess(name), name);
  }
});

Deno.test("headedFraming() takes short headers for text only where the message is known", () => {
  const ten = bytes("\nabcdefghij");
  assertEquals(headedFraming(ten, { maxFrame: 100 }), undefined);
  const accepts = (payload: Uint8Array): boolean => new TextDecoder().decode(payload) === "abcdefghij";
  assertEquals(headedFraming(ten, { maxFrame: 100, accepts })?.name, "u8");
});

Deno.test("looksLike() knows what is often sent by mistake", () => {
  const openings: readonly (readonly [string, string | null])[] = [
    ["GET / HTTP/1.1", "http"],
    ["HTTP", "http"],
    ["SSH-2.0-x", "ssh"],
    ["220 mail.example.org ESMTP", "smtp"],
    ["EHLO me", "smtp"],
    ["220 (vsFTPd 3.0.5)", "ftp"],
    ["* OK IMAP4rev1", "imap"],
    ["+OK POP3 ready", "pop3"],
    ["*1\r\n$4\r\nPING\r\n", "redis"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "proxy-v1"],
    ["\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "proxy-v2"],
    ["\x16\x03\x01\x02\x00\x01", "tls"],
    ["hello", "text"],
    ["220 What is your name?", "text"],
    ["\0\x01", null],
  ];
  for (const [text, protocol] of openings) assertEquals(looksLike(bytes(text)), protocol, text);
});

Deno.test("impressionOf() hints at a framing, but not beside another protocol", () => {
  assertEquals(impressionOf(bytes("0005hello"), 100), { looks_like: "text", framing_hint: "dec:4" });
  assertEquals(impressionOf(bytes("GET / HTTP/1.1\r\n"), 100), { looks_like: "http", framing_hint: null });
  assertEquals(impressionOf(new Uint8Array(0), 100), { looks_like: null, framing_hint: null });
});

Deno.test("An error tells what the peer seems to speak, until a frame of it was good", () => {
  const told = (opening: string, framesReceived = 0): unknown => {
    const error = new TimeoutError("no reply", { details: { ms: 5 } });
    return withImpression(error, { opening: bytes(opening), framesReceived }, framingFrom("u32")).details;
  };
  assertEquals(told("SSH-2.0-OpenSSH"), { ms: 5, speaks: "SSH" });
  assertEquals(told("0005hello"), { ms: 5, speaks: "text", fits: "dec:4" });
  assertEquals(told("SSH-2.0-OpenSSH", 1), { ms: 5 });
  assertEquals(told(""), { ms: 5 });
});

Deno.test("The client names what a server of another kind speaks", async () => {
  const t = await translator("en");
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["HTTP/1.1 400 Bad Request\r\n\r\n", "frame_too_large", /seems to speak HTTP\.$/],
    ["0005hello", "frame_too_large", /plain text\. It would fit --framing dec:4\.$/],
    ["\0\0", "truncated_frame", /framing/],
    ["", "closed_by_peer", /without a word\. Is the framing the same/],
  ];
  for (const [reply, code, pattern] of cases) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served = listener.accept().then(async (peer) => {
      await peer.read(new Uint8Array(100));
      await peer.write(bytes(reply));
      peer.close();
    });
    const framing = framingFrom("u32");
    const conn = new FramedConn(await Deno.connect({ port: listener.addr.port }), { framing });
    let caught: unknown;
    try {
      for await (const _ of pipeline(conn, [bytes("hi")], { framing, timeout: 5000 }));
    } catch (error) {
      caught = error;
    }
    await served;
    const known = caught instanceof ProtocolError || caught instanceof NetworkError ? caught.code : String(caught);
    assertEquals(known, code);
    assertEquals(pattern.test(explainError(caught, t)), true, explainError(caught, t));
  }
});
