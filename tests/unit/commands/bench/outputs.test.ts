import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { translator } from "../../../../lib/cli/texts.ts";
import { chart } from "../../../../lib/commands/bench/chart.ts";
import { compareResults } from "../../../../lib/commands/bench/compare.ts";
import { comparisonPage } from "../../../../lib/commands/bench/compare_html.ts";
import { csvOf } from "../../../../lib/commands/bench/csv.ts";
import { benchPage } from "../../../../lib/commands/bench/html.ts";
import { Latencies } from "../../../../lib/commands/bench/latencies.ts";
import { markdownOf } from "../../../../lib/commands/bench/markdown.ts";
import { jsonLinesOf } from "../../../../lib/commands/bench/json_lines.ts";
import { prometheusOf } from "../../../../lib/commands/bench/prometheus.ts";
import { jsonOf } from "../../../../lib/commands/bench/json.ts";
import type { Outcome } from "../../../../lib/commands/bench/runs.ts";
import { TEXTS } from "../../../../lib/commands/bench/texts.ts";
import { linearAxis } from "../../../../lib/commands/bench/ticks.ts";
import { resultWith } from "./results.ts";

const en = await translator("en", TEXTS);
const ru = await translator("ru", TEXTS);

const common = { latencies: new Latencies(), firstError: undefined, verdict: "It is a|server <b>." };

/** One run. */
const single: Outcome = { ...common, points: [{ runs: [resultWith(1000, 2)], thresholds: [] }] };
/** Three runs. */
const runs: Outcome = {
  ...common,
  points: [{ runs: [1000, 1100, 900].map((rate) => resultWith(rate)), thresholds: [] }],
};
/** A sweep of two values. */
const sweep: Outcome = {
  ...{ ...common, sweep: "connections" },
  points: ["1", "10"].map((label) => ({ label, runs: [resultWith(1000)], thresholds: [] })),
};

Deno.test("csvOf() writes a head and a line for each run, and quotes what needs it", () => {
  const spoilt = { ...resultWith(10), rate_per_s: null, settings: { ...resultWith(10).settings, target: 'a,"b"' } };
  const [head = "", first = "", second = "", end] = csvOf([{
    label: "4",
    runs: [resultWith(1000), spoilt],
    thresholds: [],
  }])
    .split("\r\n");
  const columns = head.split(",");
  assertEquals([columns.slice(0, 2), end], [["point", "run"], ""]);
  assertEquals(first.split(",").length, columns.length);
  assertEquals(first.split(",")[columns.indexOf("rate_per_s")], "1000");
  assertMatch(second, /^4,2,[^,]+,"a,""b""",u32,/);
  assertEquals(second.replace(/"a,""b"""/, "").split(",")[columns.indexOf("rate_per_s")], "");
});

Deno.test("prometheusOf() writes what Prometheus reads, each metric once", () => {
  const cut = {
    ...resultWith(10),
    interrupted: true as const,
    settings: { ...resultWith(10).settings, target: 'a"b' },
  };
  const text = prometheusOf([{ label: "4", runs: [resultWith(1000, 2), cut], thresholds: [] }]);
  const lines = text.trimEnd().split("\n");
  for (const line of lines) {
    assertMatch(line, /^(# (HELP|TYPE) echo_bench_\w+ .+|echo_bench_\w+\{\w+="[^\n]*"\} [\d.e+-]+)$/);
  }
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  assertEquals(new Set(types).size, types.length);
  assertStringIncludes(text, 'point="4"} 1000\n');
  assertStringIncludes(text, 'quantile="0.99"} 0.002');
  assertMatch(text, /echo_bench_interrupted\{target="a\\"b".*run="2",point="4"\} 1\n/);
});

Deno.test("jsonLinesOf() writes a line for each sample and each result", () => {
  const cut = { ...resultWith(10), interrupted: true as const };
  const lines = jsonLinesOf([{ runs: [resultWith(1000), cut], thresholds: [] }]).trimEnd().split("\n");
  const objects: { type: string; run: number; interrupted?: boolean }[] = lines.map((line) => JSON.parse(line));
  assertEquals(objects.map(({ type, run }) => `${run} ${type}`), [
    ...[..."1111"].map(() => "1 sample"),
    "1 result",
    ...[..."1111"].map(() => "2 sample"),
    "2 result",
  ]);
  assertEquals(objects.at(-1)?.interrupted, true);
});

Deno.test("markdownOf() writes tables that Markdown shows, in the language of the user", () => {
  const text = markdownOf(single, en);
  assertMatch(text, /^# echo-client bench\n\na:1, u32/);
  assertStringIncludes(text, "| latency | p50 2.00 ms · p90 2.00 ms");
  assertStringIncludes(text, "**It is a\\|server \\<b\\>.**");
  assertMatch(markdownOf(runs, en), /\| run \| frames\/s \| p50 \| p99 \| max \|\n\| --- \| --: .*\n\| 1 \| 1 000 \|/);
  assertMatch(markdownOf(runs, en), /\| mean ± σ \| 1 000 ± 10 % \|/);
  assertMatch(markdownOf(sweep, ru), /\| connections \| кадров\/с \|/);
  const cut = { ...single, points: [{ runs: [{ ...resultWith(10), interrupted: true as const }], thresholds: [] }] };
  assertStringIncludes(markdownOf(cut, en), "**The measurement was interrupted:");
  assert(!text.includes("interrupted"));
});

Deno.test("jsonOf() tells a run, runs and a sweep apart", () => {
  const keys = (outcome: Outcome): string[] => Object.keys(jsonOf(outcome) ?? {});
  assert(keys(single).includes("latency_us") && !keys(single).includes("runs"));
  assert(keys(runs).includes("summary") && keys(runs).includes("runs"));
  assert(keys(sweep).includes("points") && keys(sweep).includes("sweep"));
  const found = { held: 1234.56, failed: 1300, trials: [] };
  const record = JSON.parse(JSON.stringify(jsonOf({ ...single, found, goal: "p99<5ms" })));
  assertEquals([record.found_rate_per_s, record.find.failed_rate_per_s], [1234.6, 1300]);
});

Deno.test("benchPage() needs nothing else, escapes, and shows values to pointer, touch and keys", async () => {
  const page = await benchPage(single, en);
  assert(!/<script|<link|https?:|style="/.test(page));
  assertMatch(page, /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/);
  assertStringIncludes(page, "It is a|server &#60;b&#62;.");
  const titles = [...page.matchAll(/<figcaption[^>]*><b>([^<]+)<\/b>/g)].map(([, title]) => title);
  const wanted = [
    "Latency by percentile",
    "Distribution of latencies",
    "Latency over time",
    "Rate over time, frames/s",
  ];
  assertEquals(titles, wanted);
  assertMatch(page, /<input\s+type="radio"\s+name="rate"\s+aria-label="0\.4 s · 1 000 frames\/s · errors 1"/);
  // 0.4 s were measured after 0.4 s of warm-up, of which a column is drawn, and that of its end.
  assertMatch(page, /<rect class="apart" width="50%"/, "the warm-up");
  assertMatch(page, /<path class="bad" d="M875 0V1000"/, "the errors of the last sample");
});

Deno.test("benchPage() shows a stall as a gap, and of a long warm-up its end", async () => {
  const result = resultWith(1000);
  const samples = Array.from({ length: 20 }, (_, at) => {
    const isStalled = at === 12 || at === 13;
    const [count, us] = isStalled ? [0, null] : [200, at < 10 ? null : 1000];
    return { at_ms: (at - 9) * 200, count, rate_per_s: count * 5, errors: 0, p50_us: us, p99_us: us };
  });
  const points = [{ runs: [{ ...result, elapsed_ms: 2000, samples }], thresholds: [] }];
  const page = await benchPage({ ...single, points }, en);
  const [, latency = ""] = page.split("<b>Latency over time</b>");
  const line = /class="lines"[^]*?class="line s0" d="([^"]+)"/.exec(latency)?.[1] ?? "";
  assertEquals(line.replaceAll(/\d+(\.\d+)? \d+(\.\d+)?/g, "."), "M.L.M.L.L.L.L.L.");
  // Three columns of warm-up, with that of its end, before ten.
  assertMatch(latency, /<rect class="apart" width="28.57%"/);
  assertEquals([...latency.split("</figure>")[0]?.matchAll(/aria-label="[^"]*no answers"/g) ?? []].length, 2);
});

Deno.test("benchPage() is Russian as a whole where Russian is spoken", async () => {
  const page = await benchPage(single, ru);
  assertStringIncludes(page, '<html lang="ru">');
  assertStringIncludes(page, "Задержка по перцентилям");
  assertStringIncludes(page, "2,00 мс");
  assertEquals(
    /Latency|frames|warm-up| ms\b|\bs</.exec(page.replace(/<details>[^]*<\/details>|<style>[^]*<\/style>/g, "")),
    null,
  );
});

Deno.test("benchPage() draws each run, and a sweep by value", async () => {
  const several = await benchPage(runs, en);
  const main = several.replace(/<style>[^]*<\/style>/, "");
  for (const look of [0, 1, 2]) {
    const lines = [...main.matchAll(new RegExp(`class="lines"[^]*?class="line s${look}( dot)?" d="M`, "g"))];
    assertEquals(lines.length, 3, `percentiles, latency and rate of run ${look + 1}`);
    assertMatch(several, new RegExp(`\\.s${look} \\{ stroke: var\\(--c${look}\\)`));
  }
  assertMatch(several, /run 1 1\s000 frames\/s · run 2 1\s100 frames\/s · run 3 900 frames\/s/);
  const many = { ...runs, points: [{ runs: Array.from({ length: 7 }, () => resultWith(1000)), thresholds: [] }] };
  const inOneColour = await benchPage(many, en);
  assertEquals([...inOneColour.matchAll(/<path class="band s0" d="M[^"]+Z"/g)].length, 3);
  const swept = await benchPage(sweep, en);
  assertMatch(swept, /Rate by connections, frames\/s/);
  assertMatch(swept, /aria-label="connections 10 · 1 000 frames\/s"/);
});

Deno.test("chart() leaves out on a telephone what would run into its neighbour, and nothing else", () => {
  const below = [[0.01, "min"], [0.09, "p50"], [0.28, "p90"], [0.55, "p99"], [0.83, "p99.9"], [0.98, "max"]] as const;
  const spec = { id: "x", title: "x", columns: ["x"], series: [], axis: linearAxis(1), text: String, several: String };
  const labels = [...chart({ ...spec, below }).matchAll(/<text( class="many")? x="\d[^>]*>([^<]*)</g)];
  assertEquals(labels.map(([, , label]) => label), below.map(([, label]) => label));
  assertEquals(labels.filter(([, many]) => many !== undefined).map(([, , label]) => label), ["min"]);
});

Deno.test("comparisonPage() shows all runs of both sides in one picture", async () => {
  const [ofA, ofB] = [[1, 2, 3, 4].map((ms) => resultWith(100, ms)), [5, 6, 7, 8].map((ms) => resultWith(100, ms))];
  const compared = compareResults(ofA, ofB);
  const page = await comparisonPage({ a: "a.json", b: "b.json", ofA, ofB, compared, differing: [], limits: [] }, en);
  assertEquals([...page.matchAll(/<path class="band s1" d="M[^"]+Z"/g)].length, 3, "all runs");
  assertStringIncludes(page, "0.029");
  assertMatch(page, /B is worse: /);
  const about = { ofA, ofB, compared: compareResults(ofB, [resultWith(100, 0.01)]), differing: [], limits: [] };
  const long = await comparisonPage({ a: `runs/of/november/${"x".repeat(60)}-a.json`, b: "runs/b.json", ...about }, en);
  assertStringIncludes(long, "A xxxxxxxxxxxxx…xxxxxxx-a.json</span>");
  assertStringIncludes(long, "B b.json</span>");
  assertStringIncludes(long, "0.0015 ×");
});
