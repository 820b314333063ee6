import { assert, assertEquals } from "@std/assert";
import { parseUserName } from "../../../lib/auth/names.ts";
import { firstToken, hashSecret, parseToken, type SessionToken } from "../../../lib/auth/tokens.ts";
import type { IssuedToken } from "../../../lib/protocol/server_dialogue.ts";
import { FakeWorld, START } from "./fake_services.ts";

const ANNA = parseUserName("anna");
const DAY = 24 * 3600_000;

async function logIn(): Promise<{ world: FakeWorld; issued: IssuedToken }> {
  const world = new FakeWorld();
  world.users.set("anna", { verifier: "v1", disabled: false });
  const issued = await world.keeper.create(ANNA, "v1");
  assert(issued !== "refused");
  return { world, issued };
}

function read(issued: IssuedToken): SessionToken {
  const token = parseToken(issued.token);
  assert(token !== undefined);
  return token;
}

Deno.test("SessionKeeper.create() stores the hash of the secret alone", async () => {
  const { world, issued } = await logIn();
  const token = read(issued);
  const kept = world.sessions.get(token.family);
  assertEquals(kept?.secretHash, await hashSecret(token));
  assertEquals(issued.expires, START + DAY);
  assertEquals(issued.session, { id: token.family });
});

Deno.test("SessionKeeper.create() begins no session when the verifier has changed", async () => {
  const { world } = await logIn();
  assertEquals(await world.keeper.create(ANNA, "v0"), "refused");
});

Deno.test("SessionKeeper.resume() keeps the family and its end through every rotation", async () => {
  const { world, issued } = await logIn();
  let current = issued;
  for (let day = 1; day < 14; day++) {
    world.now += DAY / 2;
    const result = await world.keeper.resume(read(current));
    assert(result.outcome === "resumed" && result.issued !== undefined);
    assertEquals(result.session, issued.session);
    current = result.issued;
    assertEquals(current.expires, Math.min(world.now + DAY, START + 7 * DAY));
  }
  world.now += DAY / 2;
  assertEquals(await world.keeper.resume(read(current)), {
    outcome: "refused",
    reason: "absolute_expired",
    user: "anna",
  });
});

Deno.test("SessionKeeper.resume() revokes the family when a replaced token comes back", async () => {
  const { world, issued } = await logIn();
  const next = await world.keeper.resume(read(issued));
  assert(next.outcome === "resumed" && next.issued !== undefined);
  world.now += 60_001;
  assertEquals(await world.keeper.resume(read(issued)), { outcome: "refused", reason: "reused", user: "anna" });
  assertEquals(await world.keeper.resume(read(next.issued)), { outcome: "refused", reason: "unknown" });
});

Deno.test("SessionKeeper.resume() leaves a session alone whose secret is not known", async () => {
  const { world, issued } = await logIn();
  const forged = { ...read(issued), secret: new Uint8Array(32) };
  world.now += 61_000;
  assertEquals(await world.keeper.resume(forged), { outcome: "refused", reason: "wrong_secret", user: "anna" });
  assertEquals(await world.keeper.revoke(forged), undefined);
  assertEquals((await world.keeper.resume(read(issued))).outcome, "resumed");
});

Deno.test("SessionKeeper.revoke() ends the family, and names its user once", async () => {
  const { world, issued } = await logIn();
  const next = await world.keeper.resume(read(issued));
  assert(next.outcome === "resumed" && next.issued !== undefined);
  assertEquals(await world.keeper.revoke(read(next.issued)), "anna");
  assertEquals(await world.keeper.revoke(read(next.issued)), undefined);
  assertEquals((await world.keeper.resume(read(issued))).outcome, "refused");
});

/** Rotates a token so many times. */
async function rotate(world: FakeWorld, token: IssuedToken, times: number): Promise<IssuedToken> {
  let current = token;
  for (let time = 0; time < times; time++) {
    const result = await world.keeper.resume(read(current));
    assert(result.outcome === "resumed" && result.issued !== undefined);
    current = result.issued;
  }
  return current;
}

Deno.test("SessionKeeper.resume() ends the family when any token of it comes back, after 300 rotations as well", async () => {
  const { world, issued } = await logIn();
  const last = await rotate(world, issued, 300);
  world.now += 60_001;
  assertEquals(await world.keeper.resume(read(issued)), { outcome: "refused", reason: "reused", user: "anna" });
  assertEquals(await world.keeper.resume(read(last)), { outcome: "refused", reason: "unknown" });
});

Deno.test("SessionKeeper.resume() gives the same successor again within the grace, by two servers as well", async () => {
  const { world, issued } = await logIn();
  const again = await Promise.all(Array.from({ length: 10 }, () => world.keeper.resume(read(issued))));
  const tokens = again.map((result) => result.outcome === "resumed" ? result.issued?.token : result.reason);
  assertEquals(new Set(tokens).size, 1);
  const last = await rotate(world, issued, 3);
  world.now += 60_000;
  const late = await world.keeper.resume(read(issued));
  assert(late.outcome === "resumed" && late.issued !== undefined);
  assertEquals(late.issued.token, tokens[0], "although it has been replaced in turn");
  assertEquals((await rotate(world, late.issued, 2)).token, last.token, "the family does not fork");
});

Deno.test("SessionKeeper.resume() takes no token that was made with the server's stolen key alone", async () => {
  const { world, issued } = await logIn();
  await rotate(world, issued, 1);
  const family = Uint8Array.fromBase64(read(issued).family, { alphabet: "base64url" });
  const forged = await firstToken(world.key, { family, seed: new Uint8Array(16) });
  assertEquals(await world.keeper.resume(forged), { outcome: "refused", reason: "wrong_secret", user: "anna" });
});

Deno.test("SessionKeeper.resume() takes nothing from a clock that was 12 years ahead", async () => {
  const { world, issued } = await logIn();
  world.now += 12 * 365 * DAY;
  const ahead = await world.keeper.create(ANNA, "v1");
  assert(ahead !== "refused");
  world.now = START + 1000;
  assertEquals(await world.keeper.resume(read(ahead)), {
    outcome: "refused",
    reason: "absolute_expired",
    user: "anna",
  });
  assertEquals((await world.keeper.resume(read(issued))).outcome, "resumed");
});

Deno.test("SessionKeeper.confirm() looks at the user as it is now", async () => {
  const { world } = await logIn();
  world.revocations = 7;
  assertEquals(await world.keeper.confirm(ANNA, "v1"), 7);
  assertEquals(await world.keeper.confirm(ANNA, "v0"), "refused");
  world.users.set("anna", { verifier: "v1", disabled: true });
  assertEquals(await world.keeper.confirm(ANNA, "v1"), "refused");
});
