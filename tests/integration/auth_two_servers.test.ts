// Two servers over one data directory: what one of them does, the other one knows.
import { assert, assertEquals, assertLess } from "@std/assert";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { ask, AuthClient, codeOf, INVALID, logIn, registration, startAuth, tokenOf } from "../support/auth.ts";
import { type RunningServer, startServer } from "../support/tools.ts";

/** From a revocation until the other server has noticed, in ms: two seconds, if no other work holds it up. */
const NOTICED = 30_000;

async function startTwo(): Promise<{ one: RunningServer; two: RunningServer } & AsyncDisposable> {
  const one = await startAuth(["anna"]);
  const two = await startServer({ args: ["--mode", "auth", "--log", `${one.data}/two.log`], data: one.data });
  return {
    one,
    two,
    async [Symbol.asyncDispose](): Promise<void> {
      await two[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

/** Waits for the end of a live session; how long it took, in ms. */
async function cutOff(client: AuthClient): Promise<number> {
  const began = performance.now();
  assertEquals(await client.conn.receive().catch(() => null), null);
  return performance.now() - began;
}

Deno.test("echo-server sees at once the users and sessions of another server on its data", async () => {
  await using servers = await startTwo();
  const { one, two } = servers;
  for (const [here, there, name] of [[one, two, "berta"], [two, one, "carla"]] as const) {
    const token = tokenOf(await ask(here.port, registration(name)));
    assertEquals(codeOf(await logIn(there.port, name)), "235");
    assertEquals(await ask(there.port, registration(name)), "501 [TAKEN] That name is taken. What is your name?");
    const next = tokenOf(await ask(there.port, `AUTH TOKEN ${token}`));
    assertEquals(codeOf(await ask(here.port, `AUTH TOKEN ${next}`)), "235");
  }
});

Deno.test("echo-server shows an unknown name the salt that another server on its data shows", async () => {
  await using servers = await startTwo();
  const salts = await Promise.all([servers.one, servers.two].map(async ({ port }) => {
    await using client = await AuthClient.to(port);
    return (await client.challenge("nobody")).serverFirst.split(",s=")[1];
  }));
  assertEquals(salts[0], salts[1]);
});

Deno.test("echo-server ends a live session when another server on its data revokes it", async () => {
  await using servers = await startTwo();
  const { one, two } = servers;
  for (const [here, there] of [[one, two], [two, one]] as const) {
    await using live = await AuthClient.to(here.port);
    const token = tokenOf(await live.scram("anna"));
    await using other = await AuthClient.to(here.port);
    assertEquals(codeOf(await other.scram("anna")), "235");
    assert(await live.isEchoed());
    assertEquals(codeOf(await ask(there.port, `LOGOUT ${token}`)), "220");
    assertLess(await cutOff(live), NOTICED);
    assertEquals(await ask(here.port, `AUTH TOKEN ${token}`), INVALID);
    assert(await other.isEchoed(), "the user's other session goes on");
  }
});

Deno.test("echo-server ends a user's sessions on both servers when a third program revokes them", async () => {
  await using servers = await startTwo();
  const clients = await Promise.all([servers.one, servers.two].map(({ port }) => AuthClient.to(port)));
  try {
    for (const client of clients) assertEquals(codeOf(await client.scram("anna")), "235");
    await using store = await openSqliteStore(servers.one.data);
    assertEquals(await store.revokeUser("anna"), 2);
    for (const ms of await Promise.all(clients.map(cutOff))) assertLess(ms, NOTICED);
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
});
