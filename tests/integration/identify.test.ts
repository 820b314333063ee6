// Mode identify against the compiled server: known by address.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import type { Host } from "../../lib/store/store.ts";
import { AuthClient, talkFrom } from "../support/auth.ts";
import { hasPython } from "../support/python.ts";
import { netcatArgs, type RunningServer, runProgram, runTool, startServer } from "../support/tools.ts";

const NC = netcatArgs();
const IDENTIFY = ["--mode", "identify"];
const ASKED = "331 What is your name?";

async function texts(...args: Parameters<typeof talkFrom>): Promise<string[]> {
  return (await talkFrom(...args)).map(({ text }) => text);
}

async function hosts(server: RunningServer): Promise<Host[]> {
  await using store = await openSqliteStore(server.data);
  return await store.listHosts();
}

Deno.test("echo-server --mode identify asks an unknown address for a name, and greets it by that name from then on", async () => {
  await using server = await startServer({ args: IDENTIFY });
  {
    await using client = await AuthClient.to(server.port);
    assertEquals([client.greeting, await client.say("Анна B.")], [ASKED, "230 Welcome, Анна B.."]);
    assertEquals(await client.say("Anna"), "Anna", "the session is open: nothing is interpreted any more");
  }
  {
    await using client = await AuthClient.to(server.port);
    assertEquals(client.greeting, "230 Welcome back, Анна B..");
    assertEquals(await client.say(""), "", "an empty message comes back as well");
  }
  assertEquals((await hosts(server)).map(({ address, name }) => [address, name]), [["127.0.0.1", "Анна B."]]);
});

Deno.test("echo-server --mode identify has stored the name when it replies, whatever happens then", async () => {
  await using first = await startServer({ args: IDENTIFY });
  {
    await using client = await AuthClient.to(first.port);
    assertEquals(await client.say("Anna"), "230 Welcome, Anna.");
    first.kill("SIGKILL");
    await first.finished;
  }
  await using second = await startServer({ args: IDENTIFY, data: first.data });
  await using client = await AuthClient.to(second.port);
  assertEquals(client.greeting, "230 Welcome back, Anna.");
});

Deno.test("echo-server --mode identify explains a name it cannot use, and asks again", async () => {
  await using server = await startServer({ args: IDENTIFY });
  await using client = await AuthClient.to(server.port);
  for (
    const [name, reason] of [
      ["", "A name has at least one character."],
      ["x".repeat(65), "A name has at most 64 characters."],
      [" Anna", "Spaces may stand between words only, one at a time."],
      ["An  na", "Spaces may stand between words only, one at a time."],
      ["An\u0000na", /^A name may have letters, /],
      ["\u202eAnna", /^A name may have letters, /],
      ["\u001b[31mAnna", /^A name may have letters, /],
      ["Anna\u200b", /^A name may have letters, /],
      ["Anna/../x", /^A name may have letters, /],
    ] as const
  ) {
    const answer = await client.say(name);
    assertMatch(answer, /^501 .* What is your name\?$/);
    const text = answer.slice(4, -" What is your name?".length);
    if (typeof reason === "string") assertEquals(text, reason);
    else assertMatch(text, reason);
  }
  await client.conn.send(Uint8Array.of(0xc3, 0x28));
  assertEquals(await client.conn.receiveText(), "500 Not understood. What is your name?");
  assertEquals(await hosts(server), [], "nothing was stored");
  assertEquals(await client.say("x".repeat(64)), `230 Welcome, ${"x".repeat(64)}.`);
});

Deno.test("echo-server --mode identify speaks Russian with --lang ru", async () => {
  await using server = await startServer({ args: [...IDENTIFY, "--lang", "ru"] });
  {
    await using client = await AuthClient.to(server.port);
    assertEquals(client.greeting, "331 Как вас зовут?");
    assertEquals(await client.say(""), "501 В имени должен быть хотя бы один символ. Как вас зовут?");
    assertEquals(await client.say("Анна"), "230 Добро пожаловать, Анна.");
  }
  await using client = await AuthClient.to(server.port);
  assertEquals(client.greeting, "230 С возвращением, Анна.");
});

Deno.test("echo-client -m sends no message as the answer to a server's question", async () => {
  await using server = await startServer({ args: IDENTIFY });
  const send = (...args: string[]) => runTool("echo-client", ["-m", "hello", ...args, `127.0.0.1:${server.port}`]);
  const { code, stdout, stderr } = await send();
  assertEquals([code, stdout], [64, ""]);
  assertMatch(stderr, /asks for a name, .* Use --user NAME, with --mode identify /);
  assertEquals(await hosts(server), [], "the message is no name");
  assertEquals((await send("--mode", "echo")).code, 76);
  assertEquals((await hosts(server)).map(({ name }) => name), ["hello"], "who says that there is no dialogue has none");
  assertEquals((await send()).stdout, "hello\n", "a server that knows the client asks nothing");
});

Deno.test({
  name: "echo-server --mode identify takes each address for a client of its own",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startServer({ args: IDENTIFY });
    for (const [local, name] of [["127.0.0.2", "Anna"], ["127.0.0.3", "Berta"], ["127.1.2.3", "Carla"]] as const) {
      assertEquals(await texts(local, server, [name, "hello"]), [ASKED, `230 Welcome, ${name}.`, "hello"]);
    }
    assertEquals(await texts("127.0.0.3", server, ["hello"]), ["230 Welcome back, Berta.", "hello"]);
    assertEquals(await texts("127.0.0.2", server, []), ["230 Welcome back, Anna."]);
    assertEquals((await hosts(server)).map(({ address }) => address), ["127.0.0.2", "127.0.0.3", "127.1.2.3"]);
  },
});

Deno.test({
  name: "echo-server --mode identify takes an IPv4-mapped IPv6 address for the IPv4 one, and ::1 for another client",
  ignore: !hasPython,
  fn: async () => {
    await using both = await startServer({ args: [...IDENTIFY, "--host", "::"] });
    assertEquals(await texts("127.0.0.2", both, ["Anna"]), [ASKED, "230 Welcome, Anna."]);
    assertEquals(await texts("::ffff:127.0.0.2", { host: "::ffff:127.0.0.1", port: both.port }, []), [
      "230 Welcome back, Anna.",
    ]);
    assertEquals(await texts("::1", { host: "::1", port: both.port }, ["Six"]), [ASKED, "230 Welcome, Six."]);
    await both.stop();
    await using four = await startServer({ args: IDENTIFY, data: both.data });
    assertEquals(await texts("127.0.0.2", four, []), ["230 Welcome back, Anna."]);
    assertEquals((await hosts(four)).map(({ address, name }) => [address, name]), [["127.0.0.2", "Anna"], [
      "::1",
      "Six",
    ]]);
    assert(both.log().includes("127.0.0.2:"), "the log has the IPv4 address, too");
    assert(!both.log().includes("::ffff:"));
  },
});

for (const framing of ["raw", "line"]) {
  Deno.test({
    name: `echo-server --mode identify --framing ${framing} can be talked to with nc`,
    ignore: NC === undefined,
    fn: async () => {
      await using server = await startServer({ args: [...IDENTIFY, "--framing", framing] });
      // With raw a message is what one read returned: the name has to come alone.
      const stdin = framing === "raw" ? "Anna\n" : "Anna\r\nhello\nпривет\n";
      const said = await runProgram("nc", [...NC ?? [], "127.0.0.1", String(server.port)], { stdin });
      const echoes = framing === "raw" ? "" : "hello\nпривет\n";
      assertEquals(said.stdout, `${ASKED}\n230 Welcome, Anna.\n${echoes}`);
      const again = await runProgram("nc", [...NC ?? [], "127.0.0.1", String(server.port)], {
        stdin: "hello\nno line end",
      });
      assertEquals(again.stdout, "230 Welcome back, Anna.\nhello\nno line end");
    },
  });
}
