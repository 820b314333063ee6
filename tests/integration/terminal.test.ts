import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fakeServer, freePort } from "../support/fake_server.ts";
import { bytesOf } from "../support/framing_vectors.ts";
import { frame, isServed, writeAll } from "../support/net.ts";
import { hasPty, Pty } from "../support/pty.ts";
import { startServer, type TempDir, tempDir, toolPath, until } from "../support/tools.ts";

/** A test at a terminal, with a home of its own. */
function terminalTest(name: string, run: (home: TempDir) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasPty,
    fn: async () => {
      using home = tempDir();
      await run(home);
    },
  });
}

/** A client at a terminal; its history is in that home. */
function client(home: TempDir, ...args: readonly string[]): Pty {
  return new Pty("echo-client", args, { XDG_STATE_HOME: home.path, HOME: home.path });
}

/** Ends a client by Ctrl-D and checks that it leaves the terminal as it was. */
async function leave(pty: Pty): Promise<void> {
  await pty.type("\x04");
  assertEquals(await pty.ended, { exit: 0, echo: true, canonical: true });
}

terminalTest("echo-client asks for host and port, explains bad answers, and Enter takes the default", async (home) => {
  await using server = await startServer();
  await using pty = client(home);
  await pty.expect("Host [127.0.0.1]: ");
  await pty.enter("local host");
  await pty.expect('Invalid value "local host": a host is a name or an IP address (four numbers, or');
  await pty.expect("Host [127.0.0.1]: ");
  await pty.enter("");
  for (const bad of ["abc", "70000", "-1", "9090x", "90 90"]) {
    await pty.expect("Port [9090]: ");
    await pty.enter(bad);
    await pty.expect(`Invalid value "${bad}": a port is a whole number from 0 to 65535.`);
  }
  await pty.expect("Port [9090]: ");
  await pty.enter(` ${server.port} `);
  await pty.expect(`Connected to 127.0.0.1:${server.port} in `);
  await leave(pty);
});

terminalTest("echo-client answers each message with its echo and its time", async (home) => {
  await using server = await startServer();
  await using pty = client(home, `127.0.0.1:${server.port}`);
  await pty.expect("> ");
  for (const message of ["hello", "привет, мир", "exit", ""]) {
    await pty.enter(message);
    await pty.expect(new RegExp(`\\n${message}\\r\\n`));
    await pty.expect(/ in [\d.]+ ms/);
    await pty.expect("> ");
  }
  await pty.type("\x04");
  await pty.expect("Messages echoed: 4.");
  assertEquals((await pty.ended).exit, 0);
});

terminalTest("echo-client edits the line and brings back messages, never answers", async (home) => {
  await using server = await startServer();
  await using pty = client(home);
  await pty.expect("Host");
  await pty.enter("127.0.0.1");
  await pty.expect("Port");
  await pty.enter(String(server.port));
  await pty.expect("> ");
  await pty.type("helo\x1b[Dl\r");
  await pty.expect("\nhello\r\n");
  await pty.expect("> ");
  await pty.type("\x1b[A!\r");
  await pty.expect("\nhello!\r\n");
  await pty.expect("> ");
  await leave(pty);
  const history = home.at("echo-client", "history");
  assertEquals(Deno.readTextFileSync(history), "hello\nhello!\n");
  assertEquals((Deno.statSync(history).mode ?? 0) & 0o777, 0o600);
  assertEquals((Deno.statSync(home.at("echo-client")).mode ?? 0) & 0o777, 0o700);
  await using again = client(home, `127.0.0.1:${server.port}`);
  await again.expect("> ");
  await again.type("\x1b[A\r");
  await again.expect("\nhello!\r\n");
  await again.expect("> ");
  await leave(again);
});

terminalTest("echo-client erases and passes what is one character to a person", async (home) => {
  await using server = await startServer();
  await using pty = client(home, `127.0.0.1:${server.port}`);
  await pty.expect("> ");
  for (
    const [typed, sent] of [["и\u0306\x7fq", "q"], ["a👨‍👩‍👧\x7fb", "ab"], ["и\u0306\x1b[Dx\x1b[C!", "xи\u0306!"], [
      "й\x7fц",
      "ц",
    ]]
  ) {
    await pty.type(`${typed}\r`);
    await pty.expect(`\n${sent}\r\n`);
    await pty.expect("> ");
  }
  for (
    const [line, told] of [["/stat", "There is no command /stat. Did you mean /stats?"], [
      "/file",
      "Incomplete command.",
    ]]
  ) {
    await pty.enter(line ?? "");
    await pty.expect(told ?? "");
    await pty.expect("> ");
  }
  await leave(pty);
});

for (const where of ["at a question", "at the prompt"]) {
  terminalTest(`echo-client dies of SIGINT on Ctrl-C ${where}, and ends with 0 on Ctrl-D`, async (home) => {
    await using server = await startServer();
    // A shell shows 130, and ends a loop that the client runs in.
    for (const [key, exit] of [["\x03", -2], ["\x04", 0]] as const) {
      await using pty = client(home, ...(where === "at a question" ? [] : [`:${server.port}`]));
      await pty.expect(where === "at a question" ? "Host [127.0.0.1]: " : "> ");
      await pty.type(key);
      assertEquals(await pty.ended, { exit, echo: true, canonical: true });
    }
  });
}

terminalTest("echo-client restores the terminal when SIGTERM ends it", async (home) => {
  await using server = await startServer();
  await using pty = client(home, `127.0.0.1:${server.port}`);
  await pty.expect("> ");
  await pty.type("half a li");
  await pty.expect("half a li");
  await pty.kill(15);
  assertEquals(await pty.ended, { exit: 143, echo: true, canonical: true });
});

terminalTest(
  "echo-client connects again after the server was restarted, and sends what was typed meanwhile",
  async (home) => {
    const first = await startServer();
    await using pty = client(home, `127.0.0.1:${first.port}`);
    await pty.expect("> ");
    await pty.enter("before");
    await pty.expect("\nbefore\r\n");
    await first[Symbol.asyncDispose]();
    await pty.expect("Connection lost: the server closed it");
    await pty.expect(/Trying again in [\d.]+ s \(attempt 1\)/);
    await pty.enter("typed meanwhile");
    await pty.enter("and this");
    await pty.expect(/Trying again in [\d.]+ s \(attempt 2\)/);
    await using second = await startServer({ port: first.port, args: ["--strict-port"] });
    await pty.expect("Connected again.");
    await pty.expect("\ntyped meanwhile\r\n");
    await pty.expect("\nand this\r\n");
    await second.logged(/client connected/);
    await leave(pty);
  },
);

terminalTest("echo-client that is ended while the server is away says what has no answer, with 69", async (home) => {
  const server = await startServer();
  await using pty = client(home, `127.0.0.1:${server.port}`);
  await pty.expect("> ");
  await server[Symbol.asyncDispose]();
  await pty.expect("Connection lost: the server closed it");
  await pty.enter("nobody hears this");
  await pty.expect(/Trying again in/);
  await pty.type("\x04");
  await pty.expect("The server closed the connection; messages without an answer: 1.");
  assertEquals((await pty.ended).exit, 69);
});

terminalTest("echo-client --no-reconnect ends with 69 when the server leaves", async (home) => {
  const server = await startServer();
  await using pty = client(home, "--no-reconnect", `127.0.0.1:${server.port}`);
  await pty.expect("> ");
  await server[Symbol.asyncDispose]();
  await pty.expect("The server closed the connection");
  assertEquals(await pty.ended, { exit: 69, echo: true, canonical: true });
});

terminalTest("echo-client shows escape sequences of an echo, it does not obey them", async (home) => {
  await using server = fakeServer(async (conn) => {
    await conn.read(new Uint8Array(100));
    await writeAll(conn, frame(bytesOf("\x1b[31mred\x07\x1b]0;title\x07\r\nnext\x9b2J\x00")));
    await conn.read(new Uint8Array(100));
  });
  await using pty = client(home, "--mode", "echo", `127.0.0.1:${server.port}`);
  await pty.expect("> ");
  await pty.enter("hi");
  await pty.expect("differs from what was sent at byte 0");
  assert(!pty.text.includes("\x1b[31m") && !pty.text.includes("\x07") && !pty.text.includes("\x1b]0"), pty.text);
  await pty.type("\x04");
  assertEquals((await pty.ended).exit, 76, "a wrong echo is not forgotten");
});

terminalTest("echo-client goes on after a message that the framing cannot carry", async (home) => {
  await using server = await startServer({ args: ["--framing", "u8"] });
  await using pty = client(home, "--framing", "u8", `127.0.0.1:${server.port}`);
  await pty.expect("> ");
  await pty.enter("x".repeat(300));
  await pty.expect("cannot be sent with the framing u8");
  await pty.expect("> ");
  await pty.enter("short");
  await pty.expect("\nshort\r\n");
  await pty.expect("> ");
  await leave(pty);
});

terminalTest("echo-client takes lines that were pasted at once one after the other", async (home) => {
  await using server = await startServer();
  await using pty = client(home, `127.0.0.1:${server.port}`);
  await pty.expect("> ");
  await pty.type("one\rtwo\rthree\r");
  for (const word of ["one", "two", "three"]) await pty.expect(new RegExp(`\\n${word}\\r\\n[^\\n]* ms`));
  await pty.expect("> ");
  await leave(pty);
});

terminalTest("Ctrl-C ends a shell's loop over bench, ping, explain or check", async (home) => {
  await using server = await startServer();
  const to = `127.0.0.1:${server.port}`;
  const commands = [
    [`bench -d 1min --no-floor ${to}`, "warming up"],
    [`ping -i 1min ${to}`, "   1  64 B"],
    [`explain --listen 127.0.0.1:0 ${to}`, "Ctrl-C ends"],
    [`check ${to}`, " of "],
  ];
  for (const [command = "", begun = ""] of commands) {
    const loop = `for i in 1 2 3; do ${toolPath("echo-client")} ${command}; done; echo the end`;
    await using pty = new Pty("bash", ["-c", loop], { HOME: home.path });
    await pty.expect(begun);
    await pty.type("\x03");
    assertEquals((await pty.ended).exit, -2, command);
    assert(!pty.text.includes("the end"), pty.text);
  }
});

terminalTest("echo-client -m asks nothing at a terminal", async (home) => {
  await using server = await startServer();
  await using pty = client(home, "-m", "hello", "--port", String(server.port));
  assertEquals(await pty.ended, { exit: 0, echo: true, canonical: true });
  assertEquals(pty.text, "hello\r\n");
});

terminalTest("echo-client speaks Russian at the terminal", async (home) => {
  const port = freePort();
  await using pty = client(home, "--lang", "ru");
  await pty.expect("Узел [127.0.0.1]: ");
  await pty.enter("");
  await pty.expect("Порт [9090]: ");
  await pty.enter("девять");
  await pty.expect("Недопустимое значение «девять»: порт — целое число от 0 до 65535.");
  await pty.enter(String(port));
  await pty.expect("Не удалось подключиться к");
  assertEquals((await pty.ended).exit, 69);
});

terminalTest("echo-server asks for the port, explains bad answers, and serves on the one it was told", async (home) => {
  const port = freePort();
  await using pty = new Pty("echo-server", ["--data", home.path]);
  for (const bad of ["abc", "70000", "-1", "9090x"]) {
    await pty.expect("Port [9090]: ");
    await pty.enter(bad);
    await pty.expect(`Invalid value "${bad}": a port is a whole number from 0 to 65535.`);
  }
  await pty.expect("Port [9090]: ");
  await pty.enter(String(port));
  await pty.expect(`Listening on 127.0.0.1:${port}\r\n`);
  assertEquals(await isServed(port), true);
  await pty.type("\x03");
  assertEquals((await pty.ended).exit, 0, "Ctrl-C is the orderly end");
  assertMatch(Deno.readTextFileSync(home.at("echo-server.log")), /server stopped\n$/);
});

terminalTest("echo-server takes the default port, or the next one, on Enter", async (home) => {
  await using pty = new Pty("echo-server", ["--data", home.path]);
  await pty.expect("Port [9090]: ");
  await pty.enter("");
  const line = await pty.expect(/Listening on 127\.0\.0\.1:\d+/);
  const port = Number(line.split(":")[1]);
  assert(port >= 9090, line);
  assertEquals(await isServed(port), true);
  if (port > 9090) assertStringIncludes(Deno.readTextFileSync(home.at("echo-server.log")), "port=9090");
});

terminalTest("echo-server leaves its question on Ctrl-C with 130 or by SIGINT, and on Ctrl-D with 0", async (home) => {
  // Runtimes before 2.9 need a permission to signal themselves, and a server that was started has none.
  for (const [key, exits] of [["\x03", [130, -2]], ["\x04", [0]]] as const) {
    await using pty = new Pty("echo-server", ["--data", home.path]);
    await pty.expect("Port [9090]: ");
    await pty.type(key);
    const { exit, ...modes } = await pty.ended;
    assertEquals([exits.some((one) => one === exit), modes], [true, { echo: true, canonical: true }]);
  }
});

terminalTest("echo-server --no-input asks nothing at a terminal", async (home) => {
  await using pty = new Pty("echo-server", ["--no-input", "--port", "0", "--data", home.path]);
  await pty.expect(/^Listening on 127\.0\.0\.1:\d+\r\n/);
  await pty.type("\x03");
  assertEquals((await pty.ended).exit, 0);
  await until(() => /server stopped/.test(Deno.readTextFileSync(home.at("echo-server.log"))) || undefined, "the log");
});
