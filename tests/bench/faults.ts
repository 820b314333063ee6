// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench faults [WORD …]`: every fault of `echo-server --fault` and `echo-client explain --fault`, both ways, as a
 * client of Python's sockets sees it, beside what is promised. Behind explain stands an echo of Python's, too, which knows
 * nothing of frames. Exit code 1 where something is off: delays by 10 %, bandwidth by 5 %, bytes by one.
 *
 * @module
 */
import {
  CHANCES,
  type Place,
  PLACES,
  SEEN_FAULTS,
  seenAtPlace,
  type SeenFault,
  startAtPlace,
  startPlainEcho,
} from "../support/seen_faults.ts";

/** A machine that does something else makes things later; what is seen of time is therefore looked at so often at most. */
const TRIES = 3;

async function main(words: readonly string[]): Promise<number> {
  await using echo = await startPlainEcho();
  const isAsked = ({ fault }: { readonly fault: string }): boolean =>
    words.length === 0 || words.some((word) => fault.includes(word));
  let off = 0;
  const row = (name: string, promise: string, cells: readonly string[]): void => {
    off += cells.filter((cell) => cell.startsWith("OFF")).length;
    console.log(`| \`${name}\` | ${promise} | ${cells.join(" | ")} |`);
  };
  console.log(`| fault | promise | ${PLACES.join(" | ")} |\n| --- | --- |${" --- |".repeat(PLACES.length)}`);
  for (const one of SEEN_FAULTS.filter(isAsked)) {
    row(`${one.udp ? "--udp " : ""}${one.fault}`, one.promise, await cellsOf(one, echo.port));
  }
  if (isAsked({ fault: CHANCES })) {
    const digests = await Promise.all(["7", "7", "8"].map((seed) => digestsOf(seed, echo.port)));
    const cells = PLACES.map((_, at) => {
      const [first, again, other] = digests.map((all) => all[at] ?? "");
      return `${first === again && first !== other ? "" : "OFF: "}${[first, again, other].join(", ")}`;
    });
    row(CHANCES, "a seed gives the same bytes, another one others", cells);
  }
  console.log(`\n${off === 0 ? "all as promised" : `${off} off`}; load ${Deno.loadavg()[0]?.toFixed(1)}`);
  return off === 0 ? 0 : 1;
}

/** What is seen at each place: at all of them at once, and what is off then again by itself. */
async function cellsOf(one: SeenFault, to: number): Promise<string[]> {
  await using stack = new AsyncDisposableStack();
  const isLeftOut = (place: Place): boolean => place === "server up" && one.notUpInServer === true;
  // All have started before the first is looked at: starting takes the processor away from the others.
  const started = await Promise.all(PLACES.map(async (place) => {
    return isLeftOut(place) ? undefined : stack.use(await startAtPlace(one, { place, to }));
  }));
  const seen = await Promise.all(started.map((place) => place?.see()));
  const cells: string[] = [];
  for (const [at, place] of started.entries()) {
    let last = seen[at];
    for (let tries = 1; tries < (one.isTimed ? TRIES : 1) && last?.ok === false; tries++) last = await place?.see();
    cells.push(last === undefined ? "–" : last.ok ? last.seen : `OFF: ${last.seen}`);
  }
  return cells;
}

/** What comes back with a seed, at each place. */
async function digestsOf(seed: string, to: number): Promise<string[]> {
  const one = { fault: `${CHANCES},seed=${seed}`, promise: "", check: ["digest"] } as const;
  return await Promise.all(PLACES.map(async (place) => (await seenAtPlace(one, { place, to })).seen.slice(0, 8)));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
