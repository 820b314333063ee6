/**
 * Families about what happens at the same time, and between two steps: administrators against each other and against
 * log-ins, guesses through a balancer.
 *
 * @module
 */
import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { FramedConn } from "../../../lib/framed_conn.ts";
import { encodeText } from "../../../lib/protocol/commands.ts";
import { AuthClient, codeOf, logIn, PASSWORD, prove, registration, tokenOf } from "../../support/auth.ts";
import { dial, writeAll } from "../../support/net.ts";
import type { RunningServer } from "../../support/tools.ts";
import type { Kit, ToolResult } from "../kit.ts";
import type { Family, SuiteCase } from "../suite.ts";

/** Pairs of commands of a case. */
const PAIRS = 5;

// Administrators ----------------------------------------------------------------------------------------------------

type Command = readonly [args: readonly string[], stdin?: string];

/** Two commands that somebody gives at the same time. */
async function both(kit: Kit, { data }: RunningServer, commands: readonly [Command, Command]): Promise<ToolResult[]> {
  const results = await Promise.all(
    commands.map(([args, stdin = ""]) => kit.run("echo-server", [...args, "--data", data], { stdin })),
  );
  for (const { code, stderr } of results) {
    assert([0, 64, 69, 73, 78].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
    assert(code === 0 || stderr !== "", "no word of what failed");
    assert(!/locked|SQLITE|^\s+at /m.test(stderr), stderr);
  }
  return results;
}

/** Names of a case's pairs. */
function names(prefix: string): string[] {
  return Array.from({ length: PAIRS }, (_, number) => `${prefix}${number}`);
}

async function listed(kit: Kit, { data }: RunningServer): Promise<string> {
  const { code, stdout, stderr } = await kit.run("echo-server", ["users", "list", "--data", data]);
  assertEquals(code, 0, stderr);
  return stdout;
}

const ADMIN: readonly SuiteCase[] = [
  {
    name: "users add and users add of one name: one of them, with its password",
    time: 90_000,
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      for (const name of names("new")) {
        const add = (password: string): Command => [["users", "add", name], `${password}\n`];
        const results = await both(kit, server, [add("first password of two"), add("second password of two")]);
        const codes = results.map(({ code }) => code);
        assertEquals(codes.filter((code) => code === 0).length, 1, `exits ${codes}`);
        const won = codes[0] === 0 ? "first" : "second";
        assertEquals(codeOf(await logIn(server.port, name, `${won} password of two`)), "235");
      }
    },
  },
  {
    name: "users remove and users passwd of one name: it is gone",
    time: 90_000,
    run: async (kit) => {
      const all = names("leaver");
      await using server = await kit.ownAuth(all);
      for (const name of all) {
        const [removed] = await both(kit, server, [
          [["users", "remove", name, "--yes"]],
          [["users", "passwd", name], "another password of mine\n"],
        ]);
        assertEquals(removed?.code, 0, removed?.stderr);
        assert(!(await listed(kit, server)).includes(name), "a removed user is back");
      }
    },
  },
  {
    name: "users disable and users enable of one name: what is listed is what holds",
    time: 90_000,
    run: async (kit) => {
      const all = names("switched");
      await using server = await kit.ownAuth(all);
      for (const name of all) {
        const results = await both(kit, server, [[["users", "disable", name]], [["users", "enable", name]]]);
        assertEquals(results.map(({ code }) => code), [0, 0]);
        const isOut = new RegExp(`^.*${name}.*disabled`, "m").test(await listed(kit, server));
        assertEquals(codeOf(await logIn(server.port, name)), isOut ? "530" : "235");
      }
    },
  },
  {
    name: "users import and users import of one file: everybody once",
    time: 90_000,
    run: async (kit) => {
      const all = names("moved");
      await using from = await kit.ownAuth(all);
      const { stdout } = await kit.run("echo-server", ["users", "export", "--data", from.data]);
      await using to = await kit.ownAuth(["anna"]);
      const import_: Command = [["users", "import"], stdout];
      await both(kit, to, [import_, import_]);
      const list = await listed(kit, to);
      for (const name of all) assertEquals(list.match(new RegExp(`^${name}\\b`, "gm"))?.length, 1, list);
      for (const name of all) assertEquals(codeOf(await logIn(to.port, name)), "235");
    },
  },
  {
    name: "sessions revoke while the token is used: neither the token nor a successor lives on",
    time: 90_000,
    run: async (kit) => {
      const all = names("guest");
      await using server = await kit.ownAuth(all);
      for (const name of all) {
        const token = tokenOf(await logIn(server.port, name));
        const revoked = kit.run("echo-server", ["sessions", "revoke", name, "--yes", "--data", server.data]);
        const successors = new Set([token]);
        for (let isOver = false; !isOver;) {
          await using client = await AuthClient.to(server.port);
          const answer = await client.say(`AUTH TOKEN ${token}`);
          isOver = codeOf(answer) !== "235";
          if (!isOver) successors.add(tokenOf(answer));
        }
        assertEquals((await revoked).code, 0);
        for (const each of successors) {
          await using client = await AuthClient.to(server.port);
          assertEquals(codeOf(await client.say(`AUTH TOKEN ${each}`)), "535");
        }
      }
    },
  },
  {
    name: "one invitation on 30 connections at once: one user",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"], { args: ["--registration", "invite"] });
      const { stdout } = await kit.run("echo-server", ["users", "invite", "--data", server.data]);
      const code = stdout.trim();
      const answers = await Promise.all(Array.from({ length: 30 }, async (_, number) => {
        await using client = await AuthClient.to(server.port);
        return codeOf(await client.say(`${registration(`i${number}`)} ${code}`));
      }));
      assertEquals(answers.filter((answer) => answer === "235").length, 1, `${answers} with ${stdout}`);
      assertEquals((await listed(kit, server)).match(/^i\d+\b/gm)?.length, 1);
    },
  },
];

// Between the steps of a log-in -------------------------------------------------------------------------------------

const BETWEEN: readonly SuiteCase[] = [
  {
    name: "a user who is removed and added again, with another password, between the steps",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      await using client = await AuthClient.to(server.port);
      const { message } = await prove(await client.challenge("anna"), PASSWORD);
      for (
        const [args, stdin] of [[["remove", "anna", "--yes"], ""], [
          ["add", "anna"],
          "quite another password\n",
        ]] as const
      ) {
        assertEquals((await kit.run("echo-server", ["users", ...args, "--data", server.data], { stdin })).code, 0);
      }
      assertEquals(codeOf(await client.say(message)), "530");
    },
  },
  {
    name: "a client-final that is said three times in one write",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      await using client = await AuthClient.to(server.port);
      const { message } = await prove(await client.challenge("anna"), PASSWORD);
      for (let times = 0; times < 3; times++) await client.conn.send(message);
      assertEquals(codeOf(await client.conn.receiveText() ?? ""), "235");
      // What follows the log-in are messages.
      for (let times = 0; times < 2; times++) assertEquals(await client.conn.receiveText(), message);
    },
  },
  {
    name: "a client-final before its client-first",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      await using other = await AuthClient.to(server.port);
      const { message } = await prove(await other.challenge("anna"), PASSWORD);
      await using client = await AuthClient.to(server.port);
      assert(codeOf(await client.say(message)) !== "235");
      assert(codeOf(await client.say(`AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=x")}`)) !== "235");
    },
  },
  {
    name: "one nonce in 50 exchanges at once: every challenge is another",
    run: async (kit) => {
      await using server = await kit.ownAuth(["anna"]);
      const nonces = await Promise.all(Array.from({ length: 50 }, async () => {
        await using client = await AuthClient.to(server.port);
        return (await client.challenge("anna", "the-same-nonce")).nonce;
      }));
      assertEquals(new Set(nonces).size, 50);
    },
  },
  ...["AUTH SCRAM-SHA-256", "AUTH SCRAM-SHA-256 ", `AUTH SCRAM-SHA-256 ${"A".repeat(4000)}`].map((
    first,
  ): SuiteCase => ({
    name: `a reset behind ${first.slice(0, 24).trimEnd()}… of ${first.length} characters`,
    run: async (kit) => {
      const { port } = await kit.server("--mode", "auth");
      for (let times = 0; times < 20; times++) {
        await using client = await AuthClient.to(port);
        await client.conn.send(first);
      }
      await using client = await AuthClient.to(port);
      assertMatch(client.greeting, /^331 /);
    },
  })),
];

// Guesses through a balancer ----------------------------------------------------------------------------------------

/** Who guesses first, who comes next, and whether the second waits for the first. */
const NEIGHBOURS: readonly (readonly [name: string, first: string, next: string, isHeldUp: boolean])[] = [
  ["one address", "TCP4 192.0.2.7 192.0.2.1", "TCP4 192.0.2.7 192.0.2.1", true],
  ["an address and its mapped form", "TCP4 192.0.2.7 192.0.2.1", "TCP6 ::ffff:192.0.2.7 ::1", true],
  ["a mapped address in hexadecimal digits", "TCP6 ::ffff:c000:207 ::1", "TCP4 192.0.2.7 192.0.2.1", true],
  ["neighbours in one /64", "TCP6 2001:db8:1:2::3 ::1", "TCP6 2001:db8:1:2:ffff:ffff:ffff:4 ::1", true],
  ["neighbours in two /64", "TCP6 2001:db8:1:2::3 ::1", "TCP6 2001:db8:1:3::3 ::1", false],
  ["two addresses", "TCP4 192.0.2.7 192.0.2.1", "TCP4 192.0.2.8 192.0.2.1", false],
];

/** A wrong password through a balancer; how long the answer took, in ms. */
async function guess(port: number, addresses: string): Promise<number> {
  const conn = await dial(port);
  await writeAll(conn, utf8(`PROXY ${addresses} 50000 9090\r\n`));
  await using framed = new FramedConn(conn);
  const greeting = await framed.receiveText() ?? "";
  assertMatch(greeting, /^331 /);
  await framed.send("anna");
  assertMatch(await framed.receiveText() ?? "", /^332 /);
  const began = performance.now();
  await framed.send("a wrong password");
  assertMatch(await framed.receiveText() ?? "", /^530 /);
  return performance.now() - began;
}

const GUESSES: readonly SuiteCase[] = NEIGHBOURS.map(([name, first, next, isHeldUp]) => ({
  name: `guesses of ${name}`,
  run: async (kit) => {
    await using server = await kit.ownAuth(["anna"], { args: ["--proxy-protocol", "127.0.0.1", "--allow-insecure"] });
    await guess(server.port, first);
    await guess(server.port, first);
    const time = await guess(server.port, next);
    // The third one of an address waits 4 s more than its password takes; the first one does not.
    if (isHeldUp) assertGreater(time, 3500);
    else assertLess(time, 3500);
  },
}));

/** See the module. */
export const RIVAL_FAMILIES: readonly Family[] = [
  { name: "rivals", cases: [...ADMIN, ...BETWEEN, ...GUESSES], atOnce: 2 },
];
