import { assertEquals } from "@std/assert";
import { ClientHarness } from "../../../../lib/commands/check_client/client_harness.ts";
import { HAS_PROC } from "../../../../lib/commands/grading/processes.ts";
import { PYTHON } from "../../../support/lab.ts";
import { hasPython } from "../../../support/python.ts";

/** Connects, then asks for a name, and tells the port of its first argument what it was answered. */
const ASKS_ONCE_CONNECTED = `
import os, socket, sys
s = socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))
name = input("Login: ")
socket.create_connection(("127.0.0.1", int(sys.argv[1]))).sendall(name.encode())
s.recv(1)
`;

Deno.test({
  name: "a client that has connected is asked for its message, though its connection is accepted late",
  ignore: !HAS_PROC || !hasPython,
  async fn() {
    using told = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accept = listener.accept.bind(listener);
    let answer = "";
    // As on a busy machine: what the client has printed is read before its connection is.
    listener.accept = async () => {
      const conn = await accept();
      answer ||= await answerTo(told);
      return conn;
    };
    await using harness = new ClientHarness({
      listener,
      command: [...PYTHON, "-c", ASKS_ONCE_CONNECTED, String(told.addr.port)],
      ...{ answers: [], exitWords: [], greeting: undefined, framing: undefined, wait: 3000 },
      ...{ signal: new AbortController().signal, invite: () => {} },
    });
    await harness.open("whole-frames", "hello, server");
    assertEquals(answer, "hello, server");
  },
});

async function answerTo(listener: Deno.Listener): Promise<string> {
  using conn = await listener.accept();
  const buffer = new Uint8Array(100);
  return new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
}
