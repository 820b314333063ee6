import { assertEquals, assertRejects } from "@std/assert";
import { byteLines } from "../../../lib/client/lines.ts";
import { UsageError } from "../../../lib/base/errors.ts";
import { bytesOf, chunkings } from "../../support/framing_vectors.ts";

async function linesOf(chunks: readonly Uint8Array[], limit = 100): Promise<string[]> {
  return await Array.fromAsync(
    byteLines(ReadableStream.from(chunks), limit),
    (line) => new TextDecoder("latin1").decode(line),
  );
}

for (
  const [text, lines] of [
    ["", []],
    ["\n", [""]],
    ["one", ["one"]],
    ["one\n", ["one"]],
    ["one\n\ntwo\r\n", ["one", "", "two\r"]],
    ["\n\n\n", ["", "", ""]],
    ["\u00ff\u0000\nlast", ["\u00ff\u0000", "last"]],
  ] as const
) {
  Deno.test(`byteLines() gives ${JSON.stringify(lines)} for ${JSON.stringify(text)}, however it comes`, async () => {
    for (const { how, chunks } of chunkings(bytesOf(text))) {
      assertEquals(await linesOf(chunks), [...lines], how);
    }
  });
}

Deno.test("byteLines() takes a line of exactly the limit and refuses one byte more, with its number", async () => {
  for (const { how, chunks } of chunkings(bytesOf("short\n12345678\n"))) {
    assertEquals(await linesOf(chunks, 8), ["short", "12345678"], how);
  }
  for (const { how, chunks } of chunkings(bytesOf("short\n123456789\n"))) {
    const error = await assertRejects(() => linesOf(chunks, 8), UsageError, "line 2", how);
    assertEquals(error.code, "payload_not_encodable");
    assertEquals([error.details.number, error.details.limit], [2, 8]);
  }
});

Deno.test("byteLines() does not hold an endless line in memory", async () => {
  let chunks = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller): void {
      chunks++;
      controller.enqueue(new Uint8Array(1000).fill(0x78));
    },
  });
  await assertRejects(() => Array.fromAsync(byteLines(endless, 10_000)), UsageError, "longer than 10000 bytes");
  assertEquals(chunks < 20, true);
});
