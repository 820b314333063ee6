/**
 * What is fuzzed on a running server: bytes on a connection, frames in its dialogue.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { framingFrom } from "../../lib/framing/framing.ts";
import { AuthClient, codeOf } from "../support/auth.ts";
import fc from "../support/fast_check.ts";
import { scanAll } from "../support/framing_vectors.ts";
import { dial, isServed, readToEnd, writeAll } from "../support/net.ts";
import type { RunningServer } from "../support/tools.ts";
import { type FuzzTarget, SAID, WIRE } from "./targets.ts";

const MAX_FRAME = 1024 * 1024;
const PATIENCE = 10_000;

/** Targets on a server of mode `echo` and one of mode `auth` with a user `anna`. */
export function liveTargets(
  { echo, auth }: { readonly echo: RunningServer; readonly auth: RunningServer },
): FuzzTarget[] {
  return [
    {
      name: "echo-server: returns what is good of any bytes, and serves on",
      property: fc.asyncProperty(WIRE, fc.boolean(), async (stream, finish) => {
        const { valid, code } = scanAll("u32", MAX_FRAME, [stream]);
        using conn = await dial(echo.port);
        const reading = deadline(readToEnd(conn).catch((error: unknown) => error), PATIENCE);
        await writeAll(conn, stream).catch(() => {/* it was refused before all was sent */});
        if (finish || code === undefined) await conn.closeWrite().catch(() => {});
        assertEquals(await reading, stream.slice(0, valid));
        assert(await isServed(echo.port));
      }),
    },
    {
      name: "echo-server --mode auth: lets nobody in who knows nothing, and serves on",
      property: fc.asyncProperty(fc.array(SAID, { maxLength: 8 }), fc.boolean(), async (messages, leaves) => {
        await using client = await deadline(AuthClient.to(auth.port), PATIENCE);
        for (const message of messages) {
          if (framingFrom("u32").encode(new TextEncoder().encode(message)).length > 4096) continue;
          const answer = await deadline(client.say(message), PATIENCE);
          // A stranger may become a user under a name nobody has.
          assert(!/^235 .*anna/.test(answer), answer);
          if (["235", "421", "end"].includes(codeOf(answer))) break;
        }
        if (leaves) await client.conn.closeWrite();
      }),
    },
  ];
}
