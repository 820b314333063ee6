/** Captures as a tool reads them that no one here wrote. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { pcapngOf, PLACES, sentIn, talk } from "../support/captures.ts";
import { isInstalled, tempDir } from "../support/programs.ts";

Deno.test({
  name: "tshark reads a hundred connections without a complaint, and follows each to the same bytes",
  ignore: !isInstalled("tshark"),
  fn: () => {
    using dir = tempDir();
    const path = `${dir.path}/wire.pcapng`;
    const connections = Array.from({ length: 100 }, (_, number) => {
      const port = 40_000 + number;
      const [client, server] = PLACES[number % 3] ?? PLACES[0];
      return talk(
        number + 1,
        [client.replace("40000", String(port)), server],
        number % 2 === 0 ? "half-close" : "reset",
      );
    });
    // As it happens: all beside each other.
    const most = Math.max(...connections.map(({ length }) => length));
    const events = Array.from({ length: most }, (_, step) => connections.flatMap((talk) => talk[step] ?? [])).flat();
    Deno.writeFileSync(path, pcapngOf(events));
    const tshark = (...args: string[]): string => {
      const checks = ["tcp.check_checksum:TRUE", "ip.check_checksum:TRUE", "udp.check_checksum:TRUE"];
      const { stdout, success } = new Deno.Command("tshark", {
        args: ["-r", path, ...checks.flatMap((check) => ["-o", check]), ...args],
        stderr: "null",
      }).outputSync();
      assertEquals(success, true);
      return new TextDecoder().decode(stdout);
    };
    // 0x600000 is the severity "warning"; a reset is one by itself.
    assertEquals(tshark("-Y", "_ws.expert.severity >= 0x600000 && !tcp.flags.reset == 1"), "");
    assertEquals(tshark("-Y", "tcp.analysis.flags || tcp.checksum.status == 0 || _ws.malformed"), "");
    // One call for all of them: each takes two seconds to begin.
    const streams = [0, 1, 2, 57, 99];
    const told = tshark("-q", ...streams.flatMap((stream) => ["-z", `follow,tcp,raw,${stream}`]));
    const followed = told.split(/^Filter: tcp\.stream eq /m);
    for (const stream of streams) {
      const lines = followed.find((text) =>
        text.startsWith(`${stream}\n`)
      )?.split("\n").slice(1).filter((line) => /^\t?[0-9a-f]+$/.test(line)) ?? [];
      const talk = connections[stream] ?? [];
      assertEquals(
        lines.filter((line) =>
          !line.startsWith("\t")
        ).join(""),
        sentIn(talk, "client").toHex(),
      );
      assertEquals(
        lines.filter((line) => line.startsWith("\t")).join("").replaceAll("\t", ""),
        sentIn(talk, "server").toHex(),
      );
    }
    assertStringIncludes(
      tshark("-Y", "frame.comment contains masked", "-T", "fields", "-e", "frame.comment"),
      "5 bytes",
    );
  },
});
