/** The metrics: all there from the start, all documented, and the examples ask for no others. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { openMetrics } from "../../../lib/server/metrics.ts";
import { Stats } from "../../../lib/server/stats.ts";
import { inRepository } from "../../support/repository.ts";
import { tempDir } from "../../support/programs.ts";
import { writeCertificate } from "../../support/certificates.ts";

const TYPE = /^# TYPE (\S+) (\S+)$/gm;

/** What a server with a certificate tells before anything has happened. */
async function scraped(): Promise<string> {
  using folder = tempDir();
  const { cert, key } = await writeCertificate(folder.path);
  const identity = { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
  await using metrics = openMetrics({
    ...{ host: "127.0.0.1", port: 0, stats: new Stats(), version: "1.2.3" },
    identity: () => identity,
  });
  return await (await fetch(`http://${metrics.address}/metrics`)).text();
}

Deno.test("openMetrics() tells version, start, expiry, and every counter from the start with 0", async () => {
  const text = await scraped();
  assertMatch(text, /^echo_build_info\{version="1\.2\.3",deno="\d[^"]+"\} 1$/m);
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  assert(Math.abs(value("process_start_time_seconds") - performance.timeOrigin / 1000) < 1);
  assert(value("echo_certificate_expiry_seconds") > Date.now() / 1000);
  assert(value("process_resident_memory_bytes") > 1_000_000);
  for (const [, name, type] of text.matchAll(TYPE)) {
    // Faults on purpose have the names that the user gives; they are no part of a server at work.
    if (type !== "counter" || name === "echo_faults_total") continue;
    const series = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    assert(series.length > 0, name);
    for (const line of series) assertMatch(line, / 0$/);
  }
});

Deno.test("every metric is in docs/metrics.md with its type, and no other is", async () => {
  const page = await Deno.readTextFile(inRepository("docs/metrics.md"));
  const documented = [...page.matchAll(/^\| `(\w+)` +\| (gauge|counter|histogram) /gm)].map(([, ...row]) => row);
  const told = [...(await scraped()).matchAll(TYPE)].map(([, ...row]) => row);
  assertEquals(documented.map(String).sort(), told.map(String).sort());
});

Deno.test("alert rules and dashboard use metrics that there are, and the dashboard uses all", async () => {
  const told = [...(await scraped()).matchAll(TYPE)].map(([, name = ""]) => name);
  const used = async (path: string): Promise<string[]> => {
    const found = (await Deno.readTextFile(inRepository(path))).matchAll(/\b((?:echo|process)_[a-z_]+)\b/g);
    return [...new Set(Array.from(found, ([, name = ""]) => name.replace(/_bucket$/, "")))].sort();
  };
  for (const name of await used("docs/examples/prometheus/alerts.yml")) assert(told.includes(name), name);
  assertEquals(await used("docs/examples/grafana/echo-server.json"), told.sort());
  JSON.parse(await Deno.readTextFile(inRepository("docs/examples/grafana/echo-server.json")));
});
