import { assertEquals, assertMatch } from "@std/assert";
import { framingFrom } from "../../lib/framing/framing.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { openAuthenticator } from "../../lib/server/authenticator.ts";
import { listen } from "../../lib/net/listen.ts";
import { serve } from "../../lib/server/serve.ts";
import type { ServiceLog } from "../../lib/server/log.ts";
import { Stats } from "../../lib/server/stats.ts";
import { MemoryData, MemoryStore } from "../support/memory_store.ts";

const silent: ServiceLog = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  reopen() {},
  [Symbol.dispose]() {},
};

Deno.test("serve() talks before it echoes, refuses a wrong password, and says goodbye when it stops", async () => {
  await using store = new MemoryStore(new MemoryData());
  const stats = new Stats();
  const authenticator = await openAuthenticator({
    store,
    log: silent,
    stats,
    language: "en",
    allowInsecure: false,
    maxAttempts: 1,
  });
  const listeners = await listen({ hosts: ["127.0.0.1"], port: 0, strictPort: true });
  const stop = new AbortController();
  const options = {
    framing: framingFrom("u32"),
    maxFrame: 1024,
    log: silent,
    stats,
    authenticator,
    drainTimeout: 2000,
  };
  const served = serve(listeners, { ...options, signal: stop.signal });
  const port = Number(listeners[0]?.address.split(":")[1]);
  const open = async (): Promise<FramedConn> => new FramedConn(await Deno.connect({ port }));
  const say = async (conn: FramedConn, text: string): Promise<string> => {
    await conn.send(text);
    return await conn.receiveText() ?? "end";
  };
  await using anna = await open();
  assertMatch(await anna.receiveText() ?? "", /^331 \[AUTH /);
  assertMatch(await say(anna, "anna"), /^333 /);
  assertMatch(await say(anna, "correct horse"), /^235 \[TOKEN /);
  assertEquals(await say(anna, "hello"), "hello");

  await using wrong = await open();
  await wrong.receiveText();
  assertMatch(await say(wrong, "anna"), /^332 /);
  assertMatch(await say(wrong, "wrong horse"), /^421 /);
  assertEquals(await wrong.receive(), null);
  wrong.close();

  await using large = await open();
  await large.receiveText();
  assertMatch(await say(large, "x".repeat(5000)), /^552 /);
  large.close();

  await using late = await open();
  await late.receiveText();
  stop.abort();
  assertMatch(await late.receiveText() ?? "", /^421 /);
  late.close();
  anna.close();
  await served;
  assertEquals([stats.logins.get("logged_in"), stats.logins.get("login_failed")], [1, 1]);
});
