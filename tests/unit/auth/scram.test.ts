import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { mockVerifier, nonceFrom, ScramClient, ScramServer } from "../../../lib/auth/scram.ts";
import { parseVerifier, type Verifier } from "../../../lib/auth/verifier.ts";
import { EchoError, ProtocolError, UsageError } from "../../../lib/base/errors.ts";
import vectors from "../../vectors/scram.json" with { type: "json" };

const MOCK = { key: new Uint8Array(32).fill(9), iterations: 4096 };

function serverFor(user: string, init: { verifier: string; nonce: string }): ScramServer {
  return new ScramServer({
    nonce: init.nonce,
    findVerifier: (name): Promise<Verifier | undefined> =>
      Promise.resolve(name === user ? parseVerifier(init.verifier) : undefined),
    mock: MOCK,
  });
}

for (const good of vectors.good) {
  Deno.test(`ScramServer answers byte for byte: ${good.name}`, async () => {
    const server = serverFor(good.user, { verifier: good.verifier, nonce: good.serverNonce });
    assertEquals(await server.first(good.clientFirst), good.serverFirst);
    assertEquals(await server.final(good.clientFinal), { ok: true, serverFinal: good.serverFinal });
  });

  if (!good.sides.includes("client")) continue;
  Deno.test(`ScramClient answers byte for byte: ${good.name}`, async () => {
    const client = new ScramClient({ name: good.user, password: good.password, nonce: good.clientNonce });
    assertEquals(client.first(), good.clientFirst);
    assertEquals(await client.final(good.serverFirst), good.clientFinal);
    client.verify(good.serverFinal);
  });
}

for (const bad of vectors.badClients) {
  Deno.test(`ScramServer refuses a client: ${bad.name}`, async () => {
    const server = serverFor(vectors.user.name, { verifier: vectors.user.verifier, nonce: bad.serverNonce });
    if (bad.clientFinal === undefined) {
      assertEquals((await assertRejects(() => server.first(bad.clientFirst), ProtocolError)).code, bad.refusal);
      return;
    }
    await server.first(bad.clientFirst);
    const answer = await server.final(bad.clientFinal).catch((error: unknown) => error);
    const refusal = answer instanceof ProtocolError ? answer.code : answer;
    assertEquals(refusal, bad.refusal === "bad_sasl" ? "bad_sasl" : { ok: false, reason: bad.refusal });
  });
}

for (const bad of vectors.badServers) {
  Deno.test(`ScramClient refuses a server: ${bad.name}`, async () => {
    const { name, password, clientNonce: nonce } = vectors.user;
    const client = new ScramClient({ name, password, nonce });
    client.first();
    const final = client.final(bad.serverFirst);
    const { serverFinal } = bad;
    const error = serverFinal === undefined
      ? await assertRejects(() => final, EchoError)
      : (await final, assertThrows(() => client.verify(serverFinal), EchoError));
    assertEquals(error.code, bad.refusal);
  });
}

Deno.test("ScramServer answers an unknown user the same at each try, and plausibly", async () => {
  const ask = (name: string, nonce = "s") =>
    serverFor("anna", { verifier: vectors.user.verifier, nonce }).first(`n,,n=${name},r=c`);
  assertEquals(await ask("nobody"), await ask("nobody"));
  assertNotEquals(await ask("nobody"), await ask("nobody2"));
  assertEquals(await ask("и\u0306"), await ask("й"), "one name, however it is composed");
  const [known, unknown] = [await ask("anna"), await ask("nobody")];
  const shape = /^r=cs,s=[A-Za-z0-9+/]{22}==,i=4096$/;
  assert(shape.test(known) && shape.test(unknown));
});

Deno.test("mockVerifier() has the default iteration count and depends on the key", async () => {
  const { iterations, salt } = await mockVerifier("nobody", { key: MOCK.key });
  assertEquals([iterations, salt.length], [600_000, 16]);
  assertNotEquals((await mockVerifier("nobody", { key: new Uint8Array(32).fill(8) })).salt, salt);
});

Deno.test("ScramServer takes each message once", async () => {
  const [good] = vectors.good;
  assert(good !== undefined);
  const server = serverFor(good.user, { verifier: good.verifier, nonce: good.serverNonce });
  await assertRejects(() => server.final(good.clientFinal), UsageError, "over");
  await server.first(good.clientFirst);
  await assertRejects(() => server.first(good.clientFirst), UsageError, "over");
  await server.final(good.clientFinal);
  await assertRejects(() => server.final(good.clientFinal), UsageError, "over");
});

Deno.test("ScramClient cannot be made to skip the server's signature", async () => {
  const { name, password, clientNonce: nonce } = vectors.user;
  const client = new ScramClient({ name, password, nonce });
  assertThrows(() => client.verify("v=AAAA"), UsageError);
  client.first();
  assertThrows(() => client.verify("v=AAAA"), UsageError);
  await assertRejects(() => client.final("nonsense"), ProtocolError);
  assertThrows(() => client.verify("v=AAAA"), UsageError, "over", "nothing was proven to compare with");
});

Deno.test("nonceFrom() demands 18 bytes and gives 24 characters for them", () => {
  assertEquals(nonceFrom(new Uint8Array(18)), "A".repeat(24));
  assertThrows(() => nonceFrom(new Uint8Array(17)), UsageError, "17 random bytes are fewer than 18");
});

Deno.test("ScramServer and ScramClient refuse a nonce of their own that would tear the message apart", () => {
  for (const nonce of ["", "a,b", "a b", "ü"]) {
    assertThrows(() => new ScramClient({ name: "a", password: "b", nonce }), UsageError, "nonce");
    assertThrows(() => serverFor("a", { verifier: vectors.user.verifier, nonce }), UsageError, "nonce");
  }
});

Deno.test("SCRAM errors hold nothing of the messages", async () => {
  for (const bad of vectors.badClients) {
    const server = serverFor(vectors.user.name, { verifier: vectors.user.verifier, nonce: bad.serverNonce });
    const error = await server.first(bad.clientFirst).then(() => server.final(bad.clientFinal ?? "")).catch((e) => e);
    if (!(error instanceof ProtocolError)) continue;
    const said = `${error.message} ${JSON.stringify(error.details)}`;
    for (const secret of [vectors.user.clientNonce, "dHzbZap", "nobody"]) assertEquals(said.includes(secret), false);
  }
});
