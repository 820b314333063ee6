// What an examination sees once its time is over is no finding: the connections end by themselves then. And nothing of it
// is left open.
import { assertEquals } from "@std/assert";
import { examine } from "../../../../lib/commands/check_server/run.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { FramedConn } from "../../../../lib/framed_conn.ts";

/** Echoes frames but one with that text, at which it calls `then`; resolves once every client has left. */
async function echoUntil(listener: Deno.Listener, text: string, then: () => void): Promise<void> {
  const serve = async (conn: Deno.Conn): Promise<void> => {
    await using framed = new FramedConn(conn);
    for await (const payload of framed) {
      if (new TextDecoder().decode(payload) === text) then();
      else await framed.send(payload);
    }
  };
  const serving: Promise<void>[] = [];
  for await (const conn of listener) serving.push(serve(conn).catch(() => {}));
  await Promise.all(serving);
}

for (const text of ["message 50", "привет", "second one", "Zxcvbn 22"]) {
  Deno.test({
    name: `A check that the time limit cuts short has no outcome: at "${text}"`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const limit = new AbortController();
      const served = echoUntil(listener, text, () => limit.abort());
      const { observations } = await examine({
        target: { transport: "tcp", host: "127.0.0.1", port: listener.addr.port },
        signal: limit.signal,
        framing: framingFrom("u32"),
        dialogue: { name: "Checker", password: "correct horse" },
      });
      assertEquals(observations.filter(({ status }) => status === "failed"), []);
      listener.close();
      await served;
    },
  });
}

Deno.test({
  name: "An examination leaves no connection open, whatever its checks broke off on",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served = echoUntil(listener, "", () => {});
    await examine({
      target: { transport: "tcp", host: "127.0.0.1", port: listener.addr.port },
      signal: new AbortController().signal,
      // No message of the checks for leaving fits in.
      framing: framingFrom("dec:1"),
      tasks: [1],
      dialogue: { name: "Checker", password: "correct horse" },
    });
    listener.close();
    await served;
  },
});
