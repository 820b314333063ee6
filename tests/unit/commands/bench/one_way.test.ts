import { assert, assertEquals } from "@std/assert";
import { type ResultContext, resultOf, tcpRecord } from "../../../../lib/commands/bench/result.ts";
import type { BenchSettings } from "../../../../lib/commands/bench/settings.ts";
import { type TcpInfo, tcpInfos } from "../../../../lib/commands/connection/tcp_info.ts";
import { addressText } from "../../../../lib/base/address.ts";

const INFO = {
  mss: null,
  pmtu: null,
  rttUs: null,
  minRttUs: null,
  cwnd: null,
  retransmissions: 0,
  acked: 0,
  received: 0,
};

const INFOS: readonly TcpInfo[] = [
  { ...INFO, local: "127.0.0.1:5000", rttUs: 50, minRttUs: 10, cwnd: 10, mss: 1448, retransmissions: 3 },
  { ...INFO, local: "127.0.0.1:5001", rttUs: 150, mss: 500 },
];

Deno.test("the record of several connections has medians and sums, and leaves open what is not there", () => {
  assertEquals(tcpRecord(INFOS), {
    ...{ connections: 2, rtt_us: 150, min_rtt_us: 10, retransmissions: 3, cwnd: 10, mss_bytes: 1448 },
  });
});

Deno.test({
  name: "tcpInfos() knows the connections of this process to a port, and no others",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    for (const hostname of ["127.0.0.1", "::1"]) {
      using listener = Deno.listen({ hostname, port: 0 });
      const { port } = listener.addr;
      using conn = await Deno.connect({ hostname, port });
      using peer = await listener.accept();
      await conn.write(new Uint8Array(1000));
      await peer.write(new Uint8Array(500));
      await conn.read(new Uint8Array(500));
      const [info, ...others] = tcpInfos(port) ?? [];
      assertEquals([info?.local, others], [addressText(conn.localAddr), []]);
      assert(info !== undefined && (info.mss ?? 0) > 500 && (info.pmtu ?? 0) > 500 && (info.cwnd ?? 0) > 1);
      assert((info.rttUs ?? 0) >= (info.minRttUs ?? Infinity) && info.acked <= 1001);
      assertEquals([info.received, info.retransmissions], [500, 0]);
      assertEquals(tcpInfos(conn.localAddr.port)?.length, 1);
      assertEquals([tcpInfos(port, 0), tcpInfos(1)], [[], []]);
    }
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
  assertEquals(resultOf({ ...run, tcp: INFOS }, about).tcp_info?.connections, 2);
  assertEquals(Object.hasOwn(resultOf(run, about), "tcp_info"), false);
});
