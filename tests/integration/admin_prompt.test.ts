// Passwords typed at a terminal: a pseudo-terminal of Python's plays the person.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkPassword, parseVerifier } from "../../lib/auth/verifier.ts";
import { runPython } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { runTool, type TempDir, tempDir, toolPath } from "../support/tools.ts";

const PASSWORD = "correct horse";
const ignore = !hasPython || Deno.build.os === "windows";

Deno.test({
  name: "users add asks twice for the password, shows nothing of it, and explains what is wrong",
  ignore,
  fn: async () => {
    using data = tempDir();
    const { shown, code } = await converse(data, ["users", "add", "Anna"], [
      ["New password for Anna: ", "tooshrt\r"],
      ["New password for Anna: ", `${PASSWORD}\r`],
      ["The same again: ", "correct hoarse\r"],
      // Edited by character: what was typed first is taken back.
      ["New password for Anna: ", `пароль${"\u007f".repeat(6)}${PASSWORD}\r`],
      ["The same again: ", `${PASSWORD}\r`],
    ]);
    assertEquals([code, shown], [
      0,
      [
        "New password for Anna: ",
        "Cannot use the password: a password needs at least 8 characters.",
        "New password for Anna: ",
        "The same again: ",
        "The two are not the same.",
        "New password for Anna: ",
        "The same again: ",
        `No database in ${data.path} yet: a new one is made.`,
        "Added Anna.",
        "",
      ].join("\r\n"),
    ]);
    assert(await checkPassword(PASSWORD, parseVerifier(await verifierOf(data))));
  },
});

Deno.test({
  name: "users add dies by SIGINT on Ctrl-C, ends with 64 on Ctrl-D, and gives the terminal back with its echo",
  ignore,
  fn: async () => {
    using data = tempDir();
    const interrupted = await converse(data, ["users", "add", "Anna"], [["Anna: ", "hunter2\u0003"]]);
    const left = await converse(data, ["users", "add", "Anna"], [["Anna: ", "\u0004"]]);
    assertEquals([interrupted.code, interrupted.echo, left.code, left.echo], [-2, true, 64, true]);
    assert(!interrupted.shown.includes("hunter2"));
    assertStringIncludes(left.shown, "A password is needed: type it at the terminal, or give it as a line");
    assertEquals(await verifierOf(data), "");
  },
});

Deno.test({
  name: "users add --no-input asks nothing at a terminal, where what is typed would be seen",
  ignore,
  fn: async () => {
    using data = tempDir();
    const { shown, code } = await converse(data, ["users", "add", "Anna", "--no-input"], []);
    assertEquals(code, 64);
    assertStringIncludes(shown, "echo-server: A password is needed");
  },
});

Deno.test({
  name: "users passwd does not ask when there is no such user, nor users add when the name is taken",
  ignore,
  fn: async () => {
    using data = tempDir();
    await runTool("echo-server", ["users", "add", "Anna", "--data", data.path], { stdin: PASSWORD });
    const taken = await converse(data, ["users", "add", "Anna"], []);
    const unknown = await converse(data, ["users", "passwd", "Boris"], []);
    assertEquals([taken.code, unknown.code], [64, 64]);
    assert(!taken.shown.includes("New password") && !unknown.shown.includes("New password"));
  },
});

Deno.test({
  name: "users export warns on standard error when it prints verifiers to a terminal",
  ignore,
  fn: async () => {
    using data = tempDir();
    await runTool("echo-server", ["users", "add", "Anna", "--data", data.path], { stdin: PASSWORD });
    const { shown } = await converse(data, ["users", "export"], []);
    assertMatch(
      shown,
      /^What follows is as secret as the passwords: keep it where nobody else can\s+read\s+it\.\r\n\{/,
    );
  },
});

Deno.test({
  name: "users remove asks first at a terminal, and removes on yes only",
  ignore,
  fn: async () => {
    using data = tempDir();
    await runTool("echo-server", ["users", "add", "Anna", "--data", data.path], { stdin: PASSWORD });
    const kept = await converse(data, ["users", "remove", "Anna"], [["undone", "n\r"]]);
    assertEquals(kept.code, 0);
    const gone = await converse(data, ["users", "remove", "Anna"], [["undone", "y\r"]]);
    assert(!kept.shown.includes("Removed") && gone.shown.includes("Removed Anna"), kept.shown + gone.shown);
  },
});

/** What a person at a terminal saw. */
interface Conversation {
  readonly shown: string;
  readonly code: number;
  /** Whether the terminal showed again what is typed, in the end. */
  readonly echo: boolean;
}

/** Runs the server at a terminal, and gives each answer once its prompt is there. */
async function converse(
  data: TempDir,
  words: readonly string[],
  steps: readonly (readonly [prompt: string, answer: string])[],
): Promise<Conversation> {
  const command = [toolPath("echo-server"), ...words, "--data", data.path];
  const { code, stdout, stderr } = await runPython(SCRIPT, [JSON.stringify(steps), ...command]);
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

const SCRIPT = `
import json, pty, select, signal, subprocess, termios
signal.alarm(20)
terminal, own = pty.openpty()
# The other end stays open here, too, so that its state can be looked at in the end.
program = subprocess.Popen(sys.argv[2:], stdin=own, stdout=own, stderr=own, env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"})
shown, at = b"", 0
def read(wait):
    global shown
    ready = select.select([terminal], [], [], wait)[0]
    if ready: shown += os.read(terminal, 65536)
    return bool(ready)
for prompt, answer in json.loads(sys.argv[1]):
    while prompt.encode() not in shown[at:]: read(1)
    at = len(shown)
    os.write(terminal, answer.encode())
while program.poll() is None: read(0.05)
while read(0): pass
echo = bool(termios.tcgetattr(own)[3] & termios.ECHO)
print(json.dumps({"shown": shown.decode(), "code": program.returncode, "echo": echo}))
`;

async function verifierOf(data: TempDir): Promise<string> {
  const { stdout } = await runTool("echo-server", ["users", "export", "--data", data.path]);
  return stdout === "" ? "" : JSON.parse(stdout).verifier;
}
