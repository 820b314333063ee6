// A server that returns bytes before their frame has ended is the hardest to find out: each narrower header fits, too.
import { assertEquals } from "@std/assert";
import { examine } from "../../../../lib/commands/check_server/run.ts";
import { startEchoServer } from "../../../../lib/server/mod.ts";

const FRAMINGS = ["dec:3", "dec:5", "dec:6", "dec:7", "dec:8", "dec:10", "dec:16", "hex:5", "hex:8", "hex:10", "u64"];

// All at once: most of an examination is waiting for what does not come.
Deno.test({
  name: "The framing of echo-server is found out, header by header",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const found = await Promise.all(FRAMINGS.map(async (framing) => {
      await using server = await startEchoServer({ port: 0, framing });
      const result = await examine({
        target: { transport: "tcp", host: "127.0.0.1", port: server.port },
        signal: new AbortController().signal,
        tasks: [],
        dialogue: { name: "Checker", password: "correct horse" },
      });
      return result.framing?.name;
    }));
    assertEquals(found, FRAMINGS);
  },
});
