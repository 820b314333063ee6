// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench find [--times 10] [--busy 0] [--rate 1000]`: whether `echo-client bench --find 'p99<5ms'` finds the
 * capacity of a server that is known because a fault limits it, and whether its account adds up. `--busy` programs that
 * only count run beside it. Exit code 1 where a search is off by more than 5 % or takes more than half a minute.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { runTool, startServer } from "../support/tools.ts";

/** A frame of 64 bytes with its header. */
const FRAME = 68;

const MOST_OFF = 0.05;
const LONGEST = 30;

/** What `--json` has of a search. */
interface Search
  extends Record<"found_rate_per_s" | "due" | "sent" | "unsent" | "answered" | "lost" | "pending", number> {
  readonly find: { readonly trials: readonly Trial[] };
}

interface Trial {
  readonly rate_per_s: number;
  readonly value_us: number | null;
  readonly held: boolean;
  readonly overloaded: boolean;
  readonly disturbed: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  const given = parseArgs([...args], { string: ["times", "busy", "rate"] });
  const [times, busy, rate] = [Number(given["times"] ?? 10), Number(given["busy"] ?? 0), Number(given["rate"] ?? 1000)];
  await using server = await startServer({ args: ["--fault", `rate=${FRAME * rate}`] });
  const others = Array.from(
    { length: busy },
    () => new Deno.Command("sh", { args: ["-c", "while :; do :; done"] }).spawn(),
  );
  let wrong = 0;
  console.log(`| search | found of ${rate}/s | seconds | account | trials: rate, p99 in ms, verdict |`);
  console.log("| --- | --- | --- | --- | --- |");
  try {
    for (let time = 1; time <= times; time++) {
      const began = performance.now();
      const { stdout } = await runTool("echo-client", [
        ...["bench", "--find", "p99<5ms", "--mode", "echo", "--json", `127.0.0.1:${server.port}`],
      ]);
      const seconds = (performance.now() - began) / 1000;
      const search: Search = JSON.parse(stdout);
      const { found_rate_per_s: found, due, sent, unsent, answered, lost, pending } = search;
      const isWhole = due === sent + unsent && sent === answered + lost + pending;
      if (!(Math.abs(found / rate - 1) <= MOST_OFF) || seconds > LONGEST || !isWhole) wrong++;
      const account = `${due} = ${sent} + ${unsent}${isWhole ? "" : " ?"}`;
      const trials = search.find.trials.map(trialText).join(", ");
      console.log(`| ${time} | ${found} | ${seconds.toFixed(1)} | ${account} | ${trials} |`);
    }
  } finally {
    for (const other of others) other.kill("SIGKILL");
    await Promise.all(others.map(({ status }) => status));
  }
  console.log(`\n${times - wrong} of ${times} within 5 % and ${LONGEST} s; load ${Deno.loadavg()[0]?.toFixed(1)}`);
  return wrong === 0 ? 0 : 1;
}

function trialText({ rate_per_s, value_us, held, overloaded, disturbed }: Trial): string {
  const verdict = held ? "held" : overloaded ? "overloaded" : disturbed ? "disturbed" : "late";
  return `${rate_per_s.toFixed(0)} ${value_us === null ? "–" : (value_us / 1000).toFixed(1)} ${verdict}`;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
