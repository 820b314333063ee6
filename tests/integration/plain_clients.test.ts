import { assertEquals } from "@std/assert";
import { runPython } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { isInstalled, netcatArgs, runProgram, startServer } from "../support/tools.ts";

const NC = netcatArgs();
const TEXT = "hello\nпривет\n\nno line end";

Deno.test({
  name: "echo-server --framing raw serves nc",
  ignore: NC === undefined,
  fn: async () => {
    await using server = await startServer({ args: ["--framing", "raw"] });
    const { code, stdout } = await runProgram("nc", [...NC ?? [], "127.0.0.1", String(server.port)], { stdin: TEXT });
    assertEquals([code, stdout], [0, TEXT]);
  },
});

Deno.test({
  name: "echo-server --framing raw serves socat",
  ignore: !isInstalled("socat"),
  fn: async () => {
    await using server = await startServer({ args: ["--framing", "raw"] });
    const { code, stdout } = await runProgram("socat", ["-t", "20", "-", `TCP:127.0.0.1:${server.port}`], {
      stdin: TEXT,
    });
    assertEquals([code, stdout], [0, TEXT]);
  },
});

Deno.test({
  name: "echo-server --framing line serves nc, CR LF and all",
  ignore: NC === undefined,
  fn: async () => {
    await using server = await startServer({ args: ["--framing", "line"] });
    const { stdout } = await runProgram("nc", [...NC ?? [], "127.0.0.1", String(server.port)], {
      stdin: "one\r\n\ntwo\n",
    });
    assertEquals(stdout, "one\r\n\ntwo\n");
    await server.logged(/client left reason=end bytes_in=10 bytes_out=10 frames=3 /);
  },
});

Deno.test({
  name: "echo-server --framing raw serves the plainest Python script",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startServer({ args: ["--framing", "raw"] });
    const { code, stdout, stderr } = await runPython(
      `
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for word in sys.argv[2:]:
    s.sendall(word.encode())
    print(s.recv(1024).decode())
s.close()
`,
      [server.port, "hello", "мир", "exit"],
    );
    assertEquals([code, stdout, stderr], [0, "hello\nмир\nexit\n", ""]);
  },
});

Deno.test({
  name: "echo-server serves a Python script with struct.pack('>I', …)",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startServer();
    const { code, stdout, stderr } = await runPython(
      `
def exactly(s, n):
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        assert part, "closed"
        data += part
    return data

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for message in [b"hello", b"", "привет".encode(), bytes(range(256)), b"x" * 1000000]:
    s.sendall(struct.pack(">I", len(message)) + message)
    (length,) = struct.unpack(">I", exactly(s, 4))
    assert exactly(s, length) == message, message[:20]
    print(length)
s.shutdown(socket.SHUT_WR)
print(s.recv(1))
`,
      [server.port],
    );
    assertEquals([code, stdout, stderr], [0, "5\n0\n12\n256\n1000000\nb''\n", ""]);
    await server.logged(/client left reason=end bytes_in=1000293 bytes_out=1000293 frames=5 ms=\d+/);
  },
});

Deno.test({
  name: "echo-server sees what two Python clients with other framings send",
  ignore: !hasPython,
  fn: async () => {
    const script = `
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(sys.argv[2].encode())
s.shutdown(socket.SHUT_WR)
print(b"".join(iter(lambda: s.recv(4096), b"")).decode(), end="")
`;
    for (const [framing, wire] of [["dec:8", "00000005hello+      2ok"], ["netstring", "5:hello,0:,2:ok,"]]) {
      await using server = await startServer({ args: ["--framing", String(framing)] });
      const { stdout } = await runPython(script, [server.port, String(wire)]);
      assertEquals(stdout, wire, "byte for byte, the client's own padding included");
    }
  },
});
