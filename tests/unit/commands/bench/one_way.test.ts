import { assert, assertEquals } from "@std/assert";
import { type ResultContext, resultOf, tcpRecord } from "../../../../lib/commands/bench/result.ts";
import type { BenchSettings } from "../../../../lib/commands/bench/settings.ts";
import { parseSs, type TcpInfo, tcpInfos } from "../../../../lib/commands/connection/tcp_info.ts";
import { isInstalled, until } from "../../../support/programs.ts";

const LINES =
  `ESTAB 0 0 127.0.0.1:5000 127.0.0.1:9090 users:(("echo-client",pid=7,fd=9)) ts sack cubic rtt:0.05/0.02 mss:1448 pmtu:1500 cwnd:10 bytes_sent:5 bytes_acked:6 bytes_received:5 retrans:0/3 minrtt:0.01
ESTAB 0 0 [::ffff:127.0.0.1]:5001 [::ffff:127.0.0.1]:9090 users:(("echo-client",pid=7,fd=10)) rtt:0.15/0.02 mss:500
ESTAB 0 0 127.0.0.1:5002 127.0.0.1:9090 users:(("other",pid=77,fd=10)) rtt:9/9 mss:1
`;

Deno.test("parseSs() takes this process's connections, and leaves open what is not there", () => {
  const infos = parseSs(LINES, 7);
  assertEquals(infos.map(({ local, mss, rttUs, cwnd }) => [local, mss, rttUs, cwnd]), [
    ["127.0.0.1:5000", 1448, 50, 10],
    ["127.0.0.1:5001", 500, 150, null],
  ]);
  assertEquals(tcpRecord(infos), {
    ...{ connections: 2, rtt_us: 150, min_rtt_us: 10, retransmissions: 3, cwnd: 10, mss_bytes: 1448 },
  });
  assertEquals(parseSs("", 7), []);
});

Deno.test({
  name: "tcpInfos() knows a connection of this process",
  ignore: Deno.build.os !== "linux" || !isInstalled("ss"),
  fn: async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    using _peer = await listener.accept();
    await conn.write(new Uint8Array(1000));
    // On a busy machine `ss` may not end in the time that it is given.
    const infos = await until(async () => {
      const told = await tcpInfos(listener.addr.port) ?? [];
      return told.length > 0 ? told : undefined;
    }, "an answer of ss");
    assertEquals(infos.map(({ local }) => local), [`127.0.0.1:${conn.localAddr.port}`]);
    const [info] = infos;
    assert(info !== undefined && (info.mss ?? 0) > 500 && (info.rttUs ?? 0) > 0 && info.acked <= 1001);
  },
});

Deno.test("a result has tcp_info where the kernel was asked, and none elsewhere", async () => {
  const { Latencies } = await import("../../../../lib/commands/bench/latencies.ts");
  const run = {
    ...{ elapsed: 1000, frames: [10], latencies: new Latencies(), fromSent: undefined, lateness: undefined },
    ...{ due: 10, unsent: 0, answered: 10, lost: 0, pending: 0, failures: [], cpuShare: 0, samples: [] },
  };
  const settings: BenchSettings = {
    mode: "closed",
    payload: "text",
    ...{ framing: "u32", connections: 1, window: 1, size: 1, duration: 1000, warmup: 0, timeout: 1, maxFrame: 1 },
    ...{ interval: 1, rate: undefined, threads: 1 },
  };
  const about: ResultContext = {
    version: "0",
    started: "",
    target: "",
    settings,
    isInterrupted: false,
    floor: undefined,
    thresholds: [],
  };
  const tcp: readonly TcpInfo[] = parseSs(LINES, 7);
  assertEquals(resultOf({ ...run, tcp }, about).tcp_info?.connections, 2);
  assertEquals(Object.hasOwn(resultOf(run, about), "tcp_info"), false);
});
