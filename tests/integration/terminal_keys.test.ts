// What a person's keys do beyond typing: job control, pasting, searching, and the commands of the conversation.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { hasPty, Pty } from "../support/pty.ts";
import { runPython } from "../support/net.ts";
import { startServer, type TempDir, tempDir, toolPath } from "../support/tools.ts";

const PASSWORD = "correct horse battery";

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

const environment = (home: TempDir): Record<string, string> => ({ XDG_STATE_HOME: home.path, HOME: home.path });

/** A client as the only job of a shell. */
function job(home: TempDir, ...args: readonly string[]): Pty {
  return jobOf("echo-client", home, ...args);
}

function jobOf(tool: Parameters<typeof toolPath>[0], home: TempDir, ...args: readonly string[]): Pty {
  const shell = fromFileUrl(new URL("../support/job_shell.py", import.meta.url));
  return new Pty("python3", [shell, toolPath(tool), ...args], environment(home));
}

terminalTest("echo-client stops at Ctrl-Z and goes on at the prompt, with the line that was begun", async (home) => {
  await using server = await startServer();
  await using pty = job(home, `:${server.port}`);
  await pty.expect("> ");
  await pty.type("hel");
  await pty.expect("hel");
  await pty.type("\x1a");
  await pty.expect("[stopped, echo True, canonical True]");
  await pty.enter("fg");
  await pty.expect("> hel");
  await pty.enter("lo");
  await pty.expect("\nhello\r\n");
  await pty.expect("> ");
  await pty.type("\x03");
  await pty.expect("[ended -2, echo True, canonical True]");
});

for (
  const [args, prompt] of [[[], "Port [9090]: "], [["users", "add", "anna"], "New password for anna: "]] as const
) {
  terminalTest(`echo-server ${args.join(" ")} stops at Ctrl-Z and asks again`, async (home) => {
    await using pty = jobOf("echo-server", home, ...args, "--data", home.at("data"));
    await pty.expect(prompt);
    await pty.type("\x1a");
    await pty.expect("[stopped, echo True, canonical True]");
    await pty.enter("fg");
    await pty.expect(prompt);
    await pty.type("\x03");
    await pty.expect("[ended -2, echo True, canonical True]");
  });
}

terminalTest("echo-client that was stopped at a password still does not show it", async (home) => {
  await using server = await startServer({ args: ["--mode", "auth"] });
  await using pty = job(home, "login", `:${server.port}`);
  await pty.expect("Name: ");
  await pty.enter("anna");
  await pty.expect("Password for anna: ");
  await pty.type("\x1a");
  await pty.expect("[stopped, echo True, canonical True]");
  await pty.enter("fg");
  await pty.expect("Password for anna: ");
  await pty.enter(PASSWORD);
  await pty.expect("wrong");
  assert(!pty.text.includes(PASSWORD), pty.text);
  await pty.type("\x03");
  await pty.expect("[ended -2");
});

terminalTest(
  "echo-client takes a name and a password that were pasted at once, and shows no password",
  async (home) => {
    await using server = await startServer({ args: ["--mode", "auth"] });
    await using pty = new Pty("echo-client", ["login", `:${server.port}`], environment(home));
    await pty.expect("Name: ");
    await pty.type(`anna\r${PASSWORD}\r`);
    await pty.expect("wrong");
    assert(!pty.text.includes(PASSWORD), pty.text);
  },
);

terminalTest(
  "echo-client takes a pasted line of 8,000 characters in moments, and many lines in order",
  async (home) => {
    await using server = await startServer();
    await using pty = new Pty("echo-client", [`:${server.port}`], environment(home));
    await pty.expect("> ");
    const before = performance.now();
    await pty.enter("x".repeat(8000));
    await pty.expect("8000 bytes in");
    assert(performance.now() - before < 10_000, "it took 74 s once");
    await pty.expect("> ");
    await pty.type("one\rtwo\rthree\r");
    for (const line of ["one", "two", "three"]) {
      await pty.expect(new RegExp(`${line}[\\r\\n]+${line}\\r\\n`));
    }
  },
);

terminalTest("Ctrl-C drops the line, Ctrl-R finds one, Tab completes a command", async (home) => {
  await using server = await startServer();
  await using pty = new Pty("echo-client", [`:${server.port}`], environment(home));
  await pty.expect("> ");
  for (const line of ["first one", "second"]) {
    await pty.enter(line);
    await pty.expect(`\n${line}\r\n`);
    await pty.expect("> ");
  }
  await pty.type("dropped\x03");
  await pty.expect("^C");
  await pty.expect("> ");
  await pty.type("\x12one");
  await pty.expect("(one) first one");
  await pty.enter("");
  await pty.expect("\nfirst one\r\n");
  await pty.expect("> ");
  await pty.type("/st\t\r");
  assertMatch(await pty.expect(/Messages: \d+/), /Messages: 3/);
});

terminalTest("The conversation has commands, and a message may begin with a slash all the same", async (home) => {
  await using server = await startServer();
  const file = home.at("file");
  Deno.writeTextFileSync(file, "from a file");
  await using pty = new Pty("echo-client", [`:${server.port}`], environment(home));
  const says = async (line: string, ...expected: readonly (string | RegExp)[]): Promise<void> => {
    await pty.expect("> ");
    await pty.enter(line);
    for (const pattern of expected) await pty.expect(pattern);
  };
  await says("//etc", "\n/etc\r\n");
  await says("/file " + file, "\nfrom a file\r\n");
  await says("/repeat 2 again", "\nagain\r\n", "\nagain\r\n");
  await says("/hex 68 69", "\nhi\r\n");
  await says("/hex", "Replies are shown as hex.");
  await says("hi", "\n68 69\r\n");
  await says("/hex", "Replies are shown as text.");
  await says("/stats", "Messages: 6, bytes: ");
  await says("/nonsense", "There is no command /nonsense. /help lists them");
  await says("/help", "/framing NAME", "//TEXT");
  await says("/reconnect", "Connected to");
  await says("after", "\nafter\r\n");
  await says("/framing nonsense", "nonsense");
  await says("/quit", "Messages echoed: 7.");
  assertEquals((await pty.ended).exit, 0);
});

terminalTest("echo-client ends when its terminal is closed", async (home) => {
  await using server = await startServer();
  await using pty = new Pty("echo-client", [`:${server.port}`], environment(home));
  await pty.expect("> ");
  await pty.kill(1);
  assertEquals((await pty.ended).exit, -1);
});

/** Starts a command on a terminal of its own, closes that once the port is there, and tells how it ended, if it did. */
const CLOSED_TERMINAL = `
import pty, signal, time
folder, seconds, *command = sys.argv[1:]
os.chdir(folder)
pid, terminal = pty.fork()
if pid == 0: os.execvp(command[0], command)
port = os.path.join(folder, "port")
for _ in range(600):
    if os.path.exists(port) and os.path.getsize(port) > 0: break
    time.sleep(0.05)
os.close(terminal)
for _ in range(int(float(seconds) * 20)):
    done, status = os.waitpid(pid, os.WNOHANG)
    if done: sys.exit(print(os.waitstatus_to_exitcode(status)) or 0)
    time.sleep(0.05)
os.kill(pid, signal.SIGTERM)
print("on", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

for (const [wrapper, end] of [[[], "0"], [["nohup"], "on 0"]] as const) {
  const name = `${[...wrapper, "echo-server"].join(" ")} ${end === "0" ? "ends in order" : "goes on"}`;
  terminalTest(`${name} when the terminal that it was started on is closed`, async (home) => {
    const server = [toolPath("echo-server"), "--no-input", "--port", "0", "--port-file", home.at("port")];
    const command = [...wrapper, ...server, "--data", home.path];
    // SIGHUP comes at once; who has not ended two seconds later goes on.
    const seconds = end === "0" ? "30" : "2";
    const { stdout } = await runPython(CLOSED_TERMINAL, [home.path, seconds, ...command]);
    assertEquals(stdout.trim(), end);
    const log = Deno.readTextFileSync(home.at("echo-server.log"));
    assertEquals(/terminal .* is closed/.test(log), end === "0", log);
  });
}
