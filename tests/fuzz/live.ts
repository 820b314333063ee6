/**
 * What is fuzzed on a running server: bytes on a connection, frames in its dialogue.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { concat } from "../../lib/base/bytes.ts";
import { delay } from "../../lib/base/delay.ts";
import { framingFrom } from "../../lib/framing/framing.ts";
import { parseProxyHeader } from "../../lib/net/proxy_protocol.ts";
import { AuthClient, codeOf } from "../support/auth.ts";
import fc from "../support/fast_check.ts";
import { scanAll } from "../support/framing_vectors.ts";
import { dial, isServed, readToEnd, writeAll } from "../support/net.ts";
import type { RunningServer } from "../support/tools.ts";
import { type FuzzTarget, PROXY, SAID, WIRE } from "./targets.ts";

const MAX_FRAME = 1024 * 1024;
const PATIENCE = 10_000;

/** After so many ms a client leaves: at names that many have guessed at, answers take 15 s. */
const HELD_BACK = 200;

/** Started servers: of mode `echo`, of mode `auth` with a user `anna`, and one that wants a PROXY header from this machine. */
export interface Targets {
  readonly echo: RunningServer;
  readonly auth: RunningServer;
  readonly proxied: RunningServer;
}

/** What is tried on them. */
export function liveTargets({ echo, auth, proxied }: Targets): FuzzTarget[] {
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
          const answer = await Promise.race([client.say(message), delay(HELD_BACK).then(() => "end")]).catch(() =>
            "end"
          );
          // A stranger may become a user under a name nobody has.
          assert(!/^235 .*anna/.test(answer), answer);
          if (["235", "421", "end"].includes(codeOf(answer))) break;
        }
        if (leaves) await client.conn.closeWrite();
      }),
    },
    {
      name: "echo-server --proxy-protocol: echoes what is behind a header, nothing without one, and serves on",
      property: fc.asyncProperty(PROXY, fc.nat(), async (header, at) => {
        let isGood = false;
        try {
          isGood = parseProxyHeader(header)?.size === header.length;
        } catch { /* refused, as by the server */ }
        const hello = framingFrom("u32").encode(new TextEncoder().encode("hello"));
        using conn = await dial(proxied.port);
        const reading = deadline(readToEnd(conn).catch(() => new Uint8Array(0)), PATIENCE);
        const stream = concat(header, isGood ? hello : new Uint8Array(0));
        const cut = at % (stream.length + 1);
        await writeAll(conn, stream.subarray(0, cut)).catch(() => {});
        await writeAll(conn, stream.subarray(cut)).catch(() => {/* it was refused before all was sent */});
        await conn.closeWrite().catch(() => {});
        const echoed = await reading;
        if (isGood) assertEquals(echoed, hello);
        else assert(isTail(echoed, stream), "an echo of something else");
      }),
    },
  ];
}

/** Whether `part` is the end of `whole`: frames may stand behind a header that was shortened. */
function isTail(part: Uint8Array, whole: Uint8Array): boolean {
  return part.length <= whole.length && part.toHex() === whole.subarray(whole.length - part.length).toHex();
}
