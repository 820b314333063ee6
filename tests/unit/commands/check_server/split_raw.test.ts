// Half a character, where there are no messages: what comes back tells whether somebody decoded it, not how much comes back.
import { assertEquals } from "@std/assert";
import { splitUtf8 } from "../../../../lib/commands/check_server/framing_checks.ts";
import { ServerUnderTest } from "../../../../lib/commands/check_server/server_under_test.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { concat } from "../../../../lib/base/bytes.ts";

/** Answers what is read with what `answer` makes of all that was read so far and of the last part; `once` and closes. */
interface RawServer {
  readonly answer: (all: Uint8Array, part: Uint8Array) => Uint8Array;
  readonly isOnce?: boolean;
  readonly accumulates?: boolean;
}

/** Decodes and encodes each part by itself. */
function recoded(part: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder().decode(part));
}

const SERVERS: Readonly<Record<string, readonly [RawServer, "passed" | "failed"]>> = {
  "returns each part": [{ answer: (_, part) => part }, "passed"],
  "returns one part and closes": [{ answer: (_, part) => part, isOnce: true }, "passed"],
  "returns all parts so far": [{ answer: (all) => all, accumulates: true }, "passed"],
  "replaces what is cut": [{ answer: (_, part) => recoded(part) }, "failed"],
  "replaces what is cut, and closes": [{ answer: (_, part) => recoded(part), isOnce: true }, "failed"],
  "drops what is cut": [
    { answer: (_, part) => new TextEncoder().encode(new TextDecoder().decode(part).replaceAll("\ufffd", "")) },
    "failed",
  ],
};

for (const [name, [{ answer, isOnce = false, accumulates = false }, expected]] of Object.entries(SERVERS)) {
  Deno.test(`splitUtf8() judges a server without messages that ${name}`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      using conn = await listener.accept();
      const buffer = new Uint8Array(1024);
      let all = new Uint8Array(0);
      for (let count = await conn.read(buffer); count !== null; count = isOnce ? null : await conn.read(buffer)) {
        const part = buffer.slice(0, count);
        all = concat(all, part);
        await conn.write(answer(all, part));
      }
    })();
    using server = new ServerUnderTest({
      target: { transport: "tcp", host: "127.0.0.1", port: listener.addr.port },
      signal: new AbortController().signal,
    });
    Object.assign(server, { framing: framingFrom("raw"), echoes: true, answersOnce: isOnce, accumulates });
    // Its first message is none of the check's.
    if (!isOnce && !accumulates) server.keep(await server.open());
    assertEquals((await splitUtf8(server)).status, expected);
    server.end();
    await serving;
  });
}
