import { assert, assertEquals, assertMatch } from "@std/assert";
import { NetworkError } from "../../../../lib/base/errors.ts";
import { translator } from "../../../../lib/cli/texts.ts";
import { Latencies } from "../../../../lib/commands/bench/latencies.ts";
import { verdictText } from "../../../../lib/commands/bench/report.ts";
import { type BenchResult, type Measured, resultOf } from "../../../../lib/commands/bench/result.ts";
import type { BenchSettings } from "../../../../lib/commands/bench/settings.ts";
import { TEXTS } from "../../../../lib/commands/bench/texts.ts";
import { pointsText } from "../../../../lib/commands/bench/verdicts.ts";

const [en, ru] = [await translator("en", TEXTS), await translator("ru", TEXTS)];
const gone = new NetworkError("reset", "The server reset the connection");

/** What a run of `asked` ms at `rate` frames a second comes to, with `lost` of them, by as many connections as failed. */
function resultOfRun(
  { elapsed, answered, lost = 0, pending = 0, failed = [], late = 0 }: {
    readonly elapsed: number;
    readonly answered: number;
    readonly lost?: number;
    readonly pending?: number;
    /** Numbers of connections. */
    readonly failed?: readonly number[];
    /** In ms. */
    readonly late?: number;
  },
  settings: Partial<BenchSettings> = {},
  more: Partial<Measured> = {},
): BenchResult {
  const [latencies, lateness] = [new Latencies(), new Latencies()];
  latencies.record(1, answered);
  lateness.record(late, answered);
  const run = { elapsed, frames: [answered], latencies, fromSent: latencies, lateness, samples: [], cpuShare: 0.5 };
  const account = { due: answered + lost + pending, unsent: 0, answered, lost, pending };
  const failures = failed.map((connection) => ({ connection, error: gone }));
  return resultOf({ ...run, ...account, failures, ...more }, {
    ...{ version: "1", started: "2026-01-02T03:04:05.678Z", target: "a:1", thresholds: [], floor: undefined },
    isInterrupted: false,
    settings: {
      ...{ mode: "open", rate: 100, framing: "u32", connections: 2, window: 1, threads: 1, payload: "text", size: 64 },
      ...{ duration: 3000, warmup: 0, timeout: 1000, maxFrame: 64, interval: 200, ...settings },
    },
  });
}

function says(result: BenchResult, t = en): string {
  return verdictText(result, result.errors === 0 ? undefined : gone, t);
}

Deno.test("verdictText() says when no connection was left, and not that the rate was kept", () => {
  const result = resultOfRun({ elapsed: 785, answered: 79, failed: [1, 2] });
  assertEquals([result.ended_early, result.limited_by], [true, "server"]);
  assertMatch(says(result), /^After 785 ms of 3 s no connection was left\. Until then: 101 frames\/s.*failed: 2/);
  assertMatch(says(result, ru), /^Через 785 мс из 3 с не осталось ни одного соединения\..*кадр/);
});

Deno.test("verdictText() says when all clients that connect gave up", () => {
  const failed = Array.from({ length: 20 }, (_, at) => at % 2 + 1);
  const result = resultOfRun({ elapsed: 750, answered: 900, failed }, { mode: "connect", rate: undefined });
  assertMatch(says(result), /^After 750 ms of 3 s every client had given up, .*1 200 connections\/s/);
  assertMatch(says(result, ru), /^Через 750 мс из 3 с сдались все клиенты/);
});

Deno.test("verdictText() says how many frames came before no connection was left", () => {
  const counted = { mode: "closed", rate: undefined, count: 1000, duration: Infinity } as const;
  const all = resultOfRun({ elapsed: 785, answered: 300, failed: [1, 2] }, counted);
  assertMatch(says(all), /^After 785 ms and 300 of 1 000 frames no connection was left/);
  const one = resultOfRun({ elapsed: 785, answered: 700, failed: [1] }, counted);
  assertEquals([one.ended_early, says(one).includes("was left")], [undefined, false]);
});

Deno.test("verdictText() knows a run that lost some of its connections from one that lost them all", () => {
  const result = resultOfRun({ elapsed: 3000, answered: 300, failed: [1] });
  assertEquals(result.ended_early, undefined);
  assertMatch(says(result), /^The server kept up/);
});

Deno.test("pointsText() says in how many runs no connection was left", () => {
  const runs = [
    resultOfRun({ elapsed: 785, answered: 79, failed: [1, 2] }),
    resultOfRun({ elapsed: 3000, answered: 300 }),
  ];
  assertMatch(pointsText([{ runs, thresholds: [] }], en), /Runs in which no connection was left to the end: 1\.$/);
  assertMatch(pointsText([{ runs, thresholds: [] }], ru), /1\.$/);
});

Deno.test("limited_by blames no client for answers that a server owes", () => {
  const silent = resultOfRun({ elapsed: 3000, answered: 100, lost: 2, failed: [1], late: 2 });
  assertEquals(silent.limited_by, "server");
  assert(!says(silent).includes("This client"));
  const lossy = resultOfRun({ elapsed: 3000, answered: 200, lost: 100, late: 20 }, { mode: "udp" });
  assertEquals(lossy.limited_by, "server");
  const slow = resultOfRun({ elapsed: 3000, answered: 200, late: 20 });
  assertEquals(slow.limited_by, "client");
});

Deno.test("verdictText() tells of datagrams that were changed, and of those nobody sent", () => {
  const told = (over: { corrupted?: number; unexpected?: number; lost?: number; pending?: number }, t = en): string => {
    const { lost = 0, pending = 0, corrupted = 0, unexpected = 0 } = over;
    const datagrams = { reordered: 0, duplicated: 0, corrupted, unexpected, jitter: 0 };
    return says(
      resultOfRun({ elapsed: 3000, answered: 300 - lost - pending, lost, pending }, { mode: "udp" }, { datagrams }),
      t,
    );
  };
  assertEquals(told({}), "All 300 datagrams came back, each once and in order.");
  assertEquals(
    told({ lost: 1, corrupted: 1 }),
    "Of 300 datagrams 1 was lost (0.3 %), 0 came out of order, 0 came twice. Came back with other bytes: 1.",
  );
  assertEquals(
    told({ unexpected: 30 }),
    "All 300 datagrams came back, each once and in order. Came without having been sent: 30.",
  );
  assertEquals(
    told({ pending: 50 }),
    "Of 300 datagrams 0 were lost (0 %), 0 came out of order, 0 came twice. Still on their way when it ended: 50.",
  );
  assertMatch(told({ pending: 50 }, ru), /К концу ещё в пути: 50\.$/);
  assertMatch(told({ lost: 1, corrupted: 1 }, ru), /С другими байтами вернулось: 1\.$/);
  assertMatch(told({ unexpected: 30 }, ru), /Пришло неотправленных: 30\.$/);
});
