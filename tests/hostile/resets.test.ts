import { assertEquals, assertMatch } from "@std/assert";
import { dialFramed, isServed, runPython, servedAgain } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { isInstalled, startServer } from "../support/tools.ts";

const RESET = `
def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
`;

Deno.test({
  name: "echo-server goes on when 2 of 20 clients reset, one before and one after accept",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startServer();
    const { code, stdout, stderr } = await runPython(
      `${RESET}
def talk(number, barrier, served):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    if number == 0:
        reset(s)
        barrier.wait()
        return
    message = b"client %d" % number
    framed = struct.pack(">I", len(message)) + message
    s.sendall(framed)
    assert s.recv(len(framed), socket.MSG_WAITALL) == framed
    barrier.wait()
    if number == 1:
        s.sendall(framed[:5])
        reset(s)
        return
    for _ in range(50):
        s.sendall(framed)
        assert s.recv(len(framed), socket.MSG_WAITALL) == framed
    s.close()
    served.append(number)

served, barrier = [], threading.Barrier(20)
threads = [threading.Thread(target=talk, args=(n, barrier, served)) for n in range(20)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(served) == list(range(2, 20)))
`,
      [server.port],
    );
    assertEquals([code, stdout, stderr], [0, "True\n", ""]);
    await server.logged(/client left reason=reset bytes_in=17 bytes_out=\d+ frames=1 /);
    assertEquals(await isServed(server.port), true);
    assertEquals(server.log().match(/ ERROR /g), null);
  },
});

Deno.test({
  name: "echo-server goes on accepting after 500 connections that reset at once",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startServer();
    const { code, stdout } = await runPython(
      `${RESET}
for round in range(5):
    many = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(100)]
    for s in many: reset(s)
print("done")
`,
      [server.port],
    );
    assertEquals([code, stdout], [0, "done\n"]);
    assertEquals(await isServed(server.port), true);
    const { code: ended } = await server.stop();
    assertEquals(ended, 0);
  },
});

Deno.test({
  name: "echo-server survives 200 connections with 64 descriptors, and serves again when they leave",
  ignore: !isInstalled("prlimit"),
  fn: async () => {
    await using server = await startServer({ wrapper: ["prlimit", "--nofile=64:64"] });
    await using first = await dialFramed(server.port);
    const held = await Promise.all(Array.from({ length: 199 }, () => dialFramed(server.port)));
    await server.logged(/cannot accept a connection error=.*(EMFILE|open files).* sessions=\d+/);
    await first.send("served all the while");
    assertEquals(await first.receiveText(), "served all the while");
    for (const conn of [first, ...held]) conn.close();
    await servedAgain(server.port);
    await server.logged(/accepting again/);
    for (const line of server.log().split("\n").filter((line) => / ERROR /.test(line))) {
      assertMatch(line, /cannot accept a connection/);
    }
    assertEquals((await server.stop()).code, 0);
  },
});
