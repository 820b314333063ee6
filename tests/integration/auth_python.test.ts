// The Python client of docs/examples: what anyone can write who has read the protocol.
import { assertEquals, assertLess } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { formatVerifier, makeVerifier } from "../../lib/auth/verifier.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { addUser, PASSWORD, startAuth } from "../support/auth.ts";
import { type FakeServer, fakeServer } from "../support/auth_fake_server.ts";
import { hasPython, python } from "../support/python.ts";
import { type Finished, isInstalled, runProgram } from "../support/tools.ts";

const SCRIPT = fromFileUrl(new URL("../../docs/examples/login.py", import.meta.url));

/** Soft hyphen, roman numeral, wide space, ligature, accent apart: all of it changes in SASLprep. */
const PREPARED = "\u2168\u00a0па\u00adроль e\u0301\ufb01";
/** SASLprep refuses these: mixed directions, a control character, an emoji that Unicode 3.2 did not have. */
const AS_TYPED = ["\u0627\u0628\u0629 latin", "bell\u0007 bell \u00adbell", "🦊 and the grapes"];

/** Runs the client; `input` is its standard input behind the password. */
function login(
  port: number,
  name: string,
  { password = PASSWORD, input = "", messages = [] }: Partial<Record<"password" | "input", string>> & {
    readonly messages?: readonly string[];
  } = {},
): Promise<Finished> {
  const args = [SCRIPT, "127.0.0.1", String(port), name, ...messages];
  return runProgram(python(), args, { stdin: `${password}\n${input}` });
}

Deno.test("docs/examples/login.py has fewer than 60 lines and imports the standard library alone", async () => {
  const lines = (await Deno.readTextFile(SCRIPT)).trimEnd().split("\n");
  assertLess(lines.length, 60);
  const imports = lines.filter((line) => /^(import|from) /.test(line));
  assertEquals(imports, [
    "import base64, getpass, hashlib, hmac, re, secrets, socket, stringprep, struct, sys, unicodedata",
  ]);
});

Deno.test({
  name: "echo-server lets the Python client in when the password is right, and echoes its messages",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startAuth(["anna", "Zoë B."]);
    const [given, piped, composed] = await Promise.all([
      login(server.port, "anna", { messages: ["hello", "", "привет 🦊"] }),
      login(server.port, "Zoë B.", { input: "one\r\n\nдва" }),
      login(server.port, "Zoe\u0308 B.", {
        messages: ["the same name, its accent apart"],
      }),
    ]);
    assertEquals(given, { code: 0, stdout: "hello\n\nпривет 🦊\n", stderr: "" });
    assertEquals(piped, { code: 0, stdout: "one\n\nдва\n", stderr: "" });
    assertEquals(composed, { code: 0, stdout: "the same name, its accent apart\n", stderr: "" });
    assertEquals(server.log().match(/logged in name=.* mechanism=scram/g)?.length, 3);
  },
});

Deno.test({
  name: "echo-server refuses the Python client with one text when the password is wrong and when nobody has the name",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startAuth(["anna"]);
    const [wrong, unknown] = await Promise.all([
      login(server.port, "anna", { password: `${PASSWORD}!`, input: "never sent" }),
      login(server.port, "nobody", { input: "never sent" }),
    ]);
    const refused = { code: 1, stdout: "", stderr: "refused: 530 Log-in incorrect. What is your name?\n" };
    assertEquals([wrong, unknown], [refused, refused]);
  },
});

Deno.test({
  name: "echo-server lets the Python client in when SASLprep changes or refuses the password",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startAuth();
    const passwords = [PREPARED, ...AS_TYPED];
    {
      await using store = await openSqliteStore(server.data);
      for (const [at, password] of passwords.entries()) {
        const verifier = await makeVerifier(password, { salt: new Uint8Array(16).fill(at), iterations: 4096 });
        await addUser(store, `user${at}`, formatVerifier(verifier));
      }
    }
    const answers = await Promise.all(
      passwords.map((password, at) => login(server.port, `user${at}`, { password, messages: ["in"] })),
    );
    assertEquals(answers, passwords.map(() => ({ code: 0, stdout: "in\n", stderr: "" })));
    const same = await login(server.port, "user0", { password: PREPARED.normalize("NFKC").replace("\u00ad", "") });
    assertEquals(same.stderr, "", "the prepared spelling is the same password");
  },
});

for (
  const [fault, error] of Object.entries<string>({
    "leaves its signature out": "refused: the server's signature is missing or wrong",
    "signs wrongly": "refused: the server's signature is missing or wrong",
    "asks for 1 iteration": "refused: the server's nonce or iteration count is not acceptable",
    "makes a nonce of its own": "refused: the server's nonce or iteration count is not acceptable",
    "offers plain passwords alone": "refused: 331 [AUTH PLAIN] What is your name?",
  })
) {
  Deno.test({
    name: `docs/examples/login.py refuses a server that ${fault}`,
    ignore: !hasPython,
    fn: async () => {
      await using server: FakeServer = fakeServer(fault);
      const { code, stdout, stderr } = await login(server.port, "anna", { messages: ["secret"] });
      assertEquals([code, stdout, stderr], [1, "", `${error}\n`]);
      assertEquals(server.received.some((text) => text.includes(PASSWORD) || text === "secret"), false);
    },
  });
}

Deno.test({
  name: "docs/examples/login.py asks for the password without showing it when there is a terminal",
  ignore: !hasPython || !isInstalled("script"),
  fn: async () => {
    await using server = await startAuth(["anna"]);
    const command = `python3 ${SCRIPT} 127.0.0.1 ${server.port} anna hello`;
    // What is typed before the question is thrown away, so the answer waits for it.
    const typed = `(while ! grep -q Password: typescript; do sleep 0.02; done; echo '${PASSWORD}') | ` +
      `script -q -f -c '${command}' typescript >/dev/null`;
    const folder = server.data;
    const { code } = await runProgram("sh", ["-c", `touch typescript; ${typed}`], { cwd: folder });
    const screen = await Deno.readTextFile(`${folder}/typescript`);
    assertEquals([code, screen.includes(PASSWORD), /hello\r?\n/.test(screen)], [0, false, true]);
  },
});
