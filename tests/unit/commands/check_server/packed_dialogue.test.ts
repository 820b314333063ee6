import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/commands/check_server/bytes.ts";
import { PackedDialogue } from "../../../../lib/commands/check_server/packed_dialogue.ts";
import { packingsFor } from "../../../../lib/commands/check_server/packing.ts";
import { ServerUnderTest } from "../../../../lib/commands/check_server/server_under_test.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";

/** What `answer` makes of each message of each connection, until the client leaves. */
async function serve(listener: Deno.Listener, answer: () => string): Promise<void> {
  for await (using conn of listener) {
    while (await conn.read(new Uint8Array(1000)).catch(() => null) !== null) await conn.write(utf8(answer()));
  }
}

Deno.test("a server whose answers differ in how much of something endless was read has let nobody in", async () => {
  for (const expected of ["'str' object is not subscriptable", "pickle", "data.split(':')"]) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let length = 10_000;
    const serving = serve(listener, () => "y".repeat(length++));
    const server = new ServerUnderTest({
      target: { transport: "tcp", host: "127.0.0.1", port: listener.addr.port },
      signal: new AbortController().signal,
    });
    Object.assign(server, { framing: framingFrom("raw"), wrongReply: "y".repeat(9000) });
    const [packing] = packingsFor(expected).packings;
    const options = { name: "anna", password: "Secret123" };
    const dialogue = packing === undefined ? undefined : new PackedDialogue(server, { options, packing });
    assertEquals(await dialogue?.isUnderstood(), false, expected);
    server.end();
    listener.close();
    await serving;
  }
});
