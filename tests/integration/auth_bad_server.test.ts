// Servers that break a rule of SCRAM, against the compiled client: it must notice, and keep the password to itself.
import { assertEquals, assertMatch } from "@std/assert";
import { PASSWORD } from "../support/auth.ts";
import { fakeServer, FAULTS } from "../support/auth_fake_server.ts";
import { runTool, tempDir } from "../support/tools.ts";

// To a server of this machine the client may send passwords, if that is all the server offers.
for (const fault of FAULTS.filter((name) => name !== "offers plain passwords alone")) {
  Deno.test(`echo-client login ends with 76 and keeps no session when the server ${fault}`, async () => {
    await using server = fakeServer(fault);
    using state = tempDir();
    const args = ["login", "--user", "anna", "--password-stdin", `127.0.0.1:${server.port}`];
    const env = { XDG_STATE_HOME: state.path };
    const { code, stdout, stderr } = await runTool("echo-client", args, { stdin: `${PASSWORD}\nsecret\n`, env });
    assertEquals([code, stdout], [76, ""]);
    assertMatch(stderr, /^echo-client: .*(false one|iteration count|nonce).*\n$/, "one line that says why");
    const said = server.received.filter((text) => text !== "");
    assertEquals(said.filter((text) => text.includes(PASSWORD) || text === "secret"), []);
    assertEquals(said.length, fault.includes("sign") ? 2 : 1, "no proof for a server that is not trusted");
    const kept = await Array.fromAsync(Deno.readDir(state.path), ({ name }) => name);
    assertEquals(kept.filter((name) => name !== "echo-client"), []);
  });
}
