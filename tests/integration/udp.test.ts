import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { isServed } from "../support/net.ts";
import { reservePort } from "../support/ports.ts";
import { PATIENCE, runTool, startServer, tempDir } from "../support/tools.ts";

/** A socket for datagrams on this machine. */
class Peer implements AsyncDisposable {
  readonly #socket: Deno.DatagramConn;
  readonly port: number;
  #serving: Promise<void> | undefined;

  constructor({ hostname = "127.0.0.1", port = 0 } = {}) {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname, port });
    this.port = (this.#socket.addr as Deno.NetAddr).port;
  }

  async send(data: string | Uint8Array, to: number | Deno.Addr): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const there = typeof to === "number" ? { transport: "udp" as const, hostname: "127.0.0.1", port: to } : to;
    await this.#socket.send(bytes, there);
  }

  /** The next datagram, and who sent it. */
  async receive(): Promise<[Uint8Array, Deno.Addr]> {
    return await deadline(this.#socket.receive(new Uint8Array(65536)), PATIENCE);
  }

  async ask(data: string, port: number): Promise<string> {
    await this.send(data, port);
    return new TextDecoder().decode((await this.receive())[0]);
  }

  /** Does `answer` with every datagram until the socket is closed; `number` counts from 1. */
  serve(answer: (bytes: Uint8Array, from: Deno.Addr, number: number) => Promise<void>): void {
    this.#serving = (async () => {
      for (let number = 1;; number++) {
        const [bytes, from] = await this.#socket.receive(new Uint8Array(65536));
        await answer(bytes, from, number);
      }
    })().catch((error) => assertEquals(error.name, "Interrupted"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#serving;
  }
}

Deno.test("echo-server --udp answers datagrams beside TCP, on the same port, and says so", async () => {
  await using server = await startServer({ args: ["--udp", "--framing", "line"] });
  const at = `127.0.0.1:${server.port}`;
  assertEquals(server.announced, `Listening on ${at}, udp ${at}`);
  await using peer = new Peer();
  assertEquals(await peer.ask("no line end, no header", server.port), "no line end, no header");
  assertEquals(await peer.ask("", server.port), "");
  const largest = crypto.getRandomValues(new Uint8Array(65507));
  await peer.send(largest, server.port);
  assertEquals((await peer.receive())[0], largest);
  const { stdout } = await runTool("echo-client", ["--framing", "line", "-m", "over TCP", `:${server.port}`]);
  assertEquals(stdout, "over TCP\n");
  await server.logged(/listening address="udp 127\.0\.0\.1:\d+"$/);
  assertEquals((await server.stop()).code, 0);
});

Deno.test("echo-server --udp --json has udp in its Listening line", async () => {
  await using server = await startServer({ args: ["--udp", "--json"] });
  const { udp, port, listeners } = JSON.parse(server.announced);
  assertEquals([udp, listeners], [true, [{ host: "127.0.0.1", port, udp: true }]]);
});

Deno.test("echo-server --udp takes a port that is free for both, or says that this one is not", async () => {
  using reserved = reservePort();
  await using busy = new Peer({ port: reserved.port });
  await using server = await startServer({ port: busy.port, args: ["--udp"] });
  assert(server.port !== busy.port);
  await server.logged(new RegExp(`port is busy, trying the next one port=${busy.port}$`));
  await using peer = new Peer();
  assertEquals([await isServed(server.port), await peer.ask("hello", server.port)], [true, "hello"]);
  using dir = tempDir();
  const args = ["--no-input", "--data", dir.path, "--udp", "--strict-port", "--port", String(busy.port)];
  const { code, stderr } = await runTool("echo-server", args);
  assertEquals(code, 69);
  assertMatch(stderr, new RegExp(`^echo-server: Cannot listen on udp 127\\.0\\.0\\.1:${busy.port}: another program`));
  await using tcpOnly = await startServer({ port: busy.port, args: ["--strict-port"] });
  assertEquals(tcpOnly.port, busy.port);
});

Deno.test("echo-server --udp does not answer its own port, nor whom --deny names, nor more than --max-frame", async () => {
  const args = ["--udp", "--deny", "127.0.0.3", "--max-frame", "10B", "--metrics", "127.0.0.1:0"];
  await using server = await startServer({ args });
  await using twin = new Peer({ hostname: "127.0.0.2", port: server.port });
  await using denied = new Peer({ hostname: "127.0.0.3" });
  await using peer = new Peer();
  await twin.send("I look like you", server.port);
  await denied.send("denied", server.port);
  await peer.send("more than ten bytes", server.port);
  assertEquals(await peer.ask("ten bytes!", server.port), "ten bytes!");
  const metrics = /127\.0\.0\.1:\d+/.exec(await server.logged(/purpose=metrics/))?.[0];
  const text = await (await fetch(`http://${metrics}/metrics`)).text();
  const counts = [...text.matchAll(/^echo_datagrams_total\{result="(\w+)"\} ([1-9]\d*)$/gm)].map(([, ...pair]) => pair);
  const expected = { own_port: "1", access: "1", frame_too_large: "1", answered: "1" };
  assertEquals(Object.fromEntries(counts), expected);
  await server.logged(/WARN +127\.0\.0\.2:\d+ datagrams were not answered reason=own_port count=1/);
});

Deno.test({
  name: "echo-server --udp does not answer the port of a service",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  fn: async () => {
    await using server = await startServer({ args: ["--udp"] });
    await using chargen = new Peer({ hostname: "127.0.0.9", port: 19 });
    await using peer = new Peer();
    await chargen.send("forged", server.port);
    assertEquals(await peer.ask("hello", server.port), "hello");
    await server.logged(/WARN +127\.0\.0\.9:19 datagrams were not answered reason=service_port count=1/);
  },
});

Deno.test("echo-server refuses --udp where there is a dialogue, TLS, or no address", async () => {
  for (
    const args of [["--mode", "auth"], ["--mode", "identify"], ["--host", "unix:./s"], [
      "--tls-cert",
      "a",
      "--tls-key",
      "b",
    ]]
  ) {
    const { code, stderr } = await runTool("echo-server", ["--no-input", "--udp", ...args]);
    assertEquals(code, 64);
    assertMatch(stderr, new RegExp(`^echo-server: UDP: ${args[0]} .*; .*\n$`));
  }
});

Deno.test("echo-client --udp prints what comes back, also through a pipe", async () => {
  await using server = await startServer({ args: ["--udp"] });
  const plain = await runTool("echo-client", ["--udp", "-m", "one", "-m", "привет", `localhost:${server.port}`]);
  assertEquals(plain, { code: 0, stdout: "one\nпривет\n", stderr: "" });
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at}\n`).join("");
  assertEquals(await runTool("echo-client", ["--udp", `:${server.port}`], { stdin: lines }), {
    ...{ code: 0, stdout: lines, stderr: "" },
  });
});

Deno.test("echo-client --udp tells what was lost, cut, doubled, and sent by nobody", async () => {
  await using peer = new Peer();
  peer.serve(async (bytes, from, number) => {
    // Turned round: the echo of the first comes after that of the second.
    if (number === 2) await peer.send(bytes, from).then(() => peer.send("first", from));
    if (number === 3) await peer.send(bytes.subarray(0, 5), from);
    if (number === 5) await Promise.all([peer.send(bytes, from), peer.send(bytes, from), peer.send("what?", from)]);
  });
  const args = ["--timeout", "500ms", "--udp", `:${peer.port}`];
  const messages = ["first", "second", "a long third", "never answered", "fifth"].flatMap((text) => ["-m", text]);
  const { code, stdout, stderr } = await runTool("echo-client", [...args, ...messages]);
  assertEquals([code, stdout], [75, "second\nfirst\na lon\nfifth\n"]);
  assertEquals(
    stderr,
    [
      "Datagram 3 came back cut: 5 of 12 bytes. It was read into a buffer too small for it.",
      "Datagram 5 came back once more.",
      "A datagram of 5 bytes came that nobody had sent.",
      "Datagram 4 is lost: no echo within 500 ms. Or does nobody listen there?",
      "Datagrams sent: 5; came back whole: 3, cut: 1; lost: 1.\n",
    ].join("\n"),
  );
  const asJson = await runTool("echo-client", [...args, "--json", "-m", "x", "-m", "y"]);
  assertEquals(asJson.stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { event: "lost", number: 1 },
    { event: "lost", number: 2 },
  ]);
});

Deno.test("echo-client ping --udp --quiet prints the summary; a source that is not here is told as such", async () => {
  await using server = await startServer({ args: ["--udp"] });
  const at = `127.0.0.1:${server.port}`;
  const quiet = await runTool("echo-client", ["ping", "--udp", "--quiet", "-c", "3", "-i", "5ms", at]);
  assertEquals(quiet.code, 0);
  assertMatch(quiet.stdout, /^3 sent, 3 echoed, 0 lost [^\n]*\n$/);
  const { code, stderr } = await runTool("echo-client", ["ping", "--udp", "--source", "203.0.113.9", "-c", "1", at]);
  assertEquals(code, 69);
  assertMatch(stderr, /203\.0\.113\.9/);
});

Deno.test("echo-client --udp does not listen to strangers", async () => {
  await using peer = new Peer();
  await using stranger = new Peer();
  peer.serve(async (bytes, from) => {
    await stranger.send(bytes, from);
  });
  const { code, stdout } = await runTool("echo-client", ["--udp", "--timeout", "200ms", "-m", "hi", `:${peer.port}`]);
  assertEquals([code, stdout], [75, ""]);
});

Deno.test("echo-client bench --udp ends early where nobody answers", async () => {
  await using peer = new Peer();
  const at = `127.0.0.1:${peer.port}`;
  const { code, stderr } = await runTool("echo-client", ["bench", "--udp", "-d", "10min", "--timeout", "1s", at]);
  assertEquals(code, 75);
  assertStringIncludes(stderr, `Nobody answers at ${at}: no datagram came back within `);
});

Deno.test("echo-client refuses --udp where it means nothing, and messages no datagram holds", async () => {
  const large = await runTool("echo-client", ["--udp", ":9"], {
    stdin: `${"x".repeat(65507)}\n${"x".repeat(65508)}\n`,
  });
  assertEquals([large.code, /65508 bytes does not fit into a datagram/.test(large.stderr)], [64, true]);
  for (const args of [["--tls"], ["--user", "anna"], ["--mode", "auth"], ["unix:./s"]]) {
    const { code, stderr } = await runTool("echo-client", ["--udp", "--no-input", ...args]);
    assertEquals(code, 64);
    assertMatch(stderr, /^echo-client: UDP: [^\n]*\n$/);
  }
  assertEquals((await runTool("echo-client", ["--udp", "-m", "x", "no-such-host.invalid"])).code, 68);
});

for (const host of ["0.0.0.0", "::"]) {
  Deno.test(`echo-server --udp refuses --host ${host}, and says what to write instead`, async () => {
    using dir = tempDir();
    const args = ["--no-input", "--data", dir.path, "--udp", "--port", "0", "--host", host];
    const { code, stderr } = await runTool("echo-server", args);
    assertEquals(code, 64);
    assertMatch(stderr, /--host (0\.0\.0\.0|::) stands for every address .* --host 127\.0\.0\.1 --host/);
  });
}
