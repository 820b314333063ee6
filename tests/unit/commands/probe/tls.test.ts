import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import { checks } from "../../../../lib/commands/probe/command.ts";
import type { ProbeOptions } from "../../../../lib/commands/probe/probe_connection.ts";
import { readAuthority } from "../../../../lib/net/tls_client.ts";
import { startEchoServer } from "../../../../lib/server/mod.ts";
import { writeCertificate } from "../../../support/certificates.ts";
import { middlebox } from "../../../support/middleboxes.ts";
import { idsOf, optionsFor } from "../../../support/probing.ts";
import { tempDir } from "../../../support/programs.ts";

/**
 * After so many ms of silence a proxy forgets a connection: three times what the probe waits for a banner, or a machine that
 * is busy has it forgotten before the first message.
 */
const IDLE = 1000;

Deno.test("inside TLS the same is tried; what changes bytes there breaks it", async () => {
  using dir = tempDir();
  const { cert, key, ca } = await writeCertificate(dir.path);
  const tls = { authority: readAuthority(ca), name: "localhost" };
  const found = async (port: number, more: Partial<ProbeOptions> = {}): Promise<string[]> =>
    (await checks(optionsFor(port, { tls, ...more }))).flatMap(idsOf);
  const isFinding = (id: string): boolean => id.startsWith("!");
  const spoken = async (): Promise<void> => {
    await using server = await startEchoServer({
      tls: { cert: Deno.readTextFileSync(cert), key: Deno.readTextFileSync(key) },
    });
    await using plain = middlebox({ to: server.port, idle: { ms: IDLE, how: "forgets" } });
    await using changing = middlebox({ to: server.port, change: (bytes) => bytes.fill(0, 60) });
    const [ids, broken] = await Promise.all([found(plain.port, { idleMax: 2 * IDLE }), found(changing.port)]);
    assertEquals([ids.filter(isFinding), broken.filter(isFinding)], [["!idle_silent"], ["!tls_broken"]]);
    for (const id of ["tls_inside", "clean", "largest", "half_close", "plain_none", "keep_alive_tls"]) {
      assert(ids.includes(id), `${id} of ${ids}`);
    }
    // Whose certificate is not trusted is told as everywhere.
    await assertRejects(() => found(server.port, { tls: {} }), ProtocolError);
  };
  const notSpoken = async (): Promise<void> => {
    await using silent = middlebox({});
    await using other = await startEchoServer();
    const [dead, none] = await Promise.all([found(silent.port), found(other.port)]);
    assertEquals(dead.filter(isFinding), ["!tls_broken"]);
    assert(none.includes("!tls_broken") && none.includes("plain"), none.join());
  };
  await Promise.all([spoken(), notSpoken()]);
});
