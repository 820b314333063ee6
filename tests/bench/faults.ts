// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench faults [WORD …]`: every fault of `echo-server --fault` and `echo-client explain --fault`, both ways, as a
 * client of Python's sockets sees it, beside what is promised. Behind explain stands an echo of Python's, too, which knows
 * nothing of frames. Exit code 1 where something is off: delays by 10 %, bandwidth by 5 %, bytes by one.
 *
 * @module
 */
import { CHANCES, type Place, PLACES, SEEN_FAULTS, seenAtPlace, startPlainEcho } from "../support/seen_faults.ts";

/** A machine that does something else makes things later; what is seen of time is therefore looked at so often at most. */
const TRIES = 3;

async function main(words: readonly string[]): Promise<number> {
  await using echo = await startPlainEcho();
  let off = 0;
  const row = async (name: string, promise: string, see: (place: Place) => Promise<string>): Promise<void> => {
    const cells: string[] = [];
    for (const place of PLACES) cells.push(await see(place));
    off += cells.filter((cell) => cell.startsWith("OFF")).length;
    console.log(`| \`${name}\` | ${promise} | ${cells.join(" | ")} |`);
  };
  console.log(`| fault | promise | ${PLACES.join(" | ")} |\n| --- | --- |${" --- |".repeat(PLACES.length)}`);
  for (
    const one of SEEN_FAULTS.filter(({ fault }) => words.length === 0 || words.some((word) => fault.includes(word)))
  ) {
    await row(`${one.udp ? "--udp " : ""}${one.fault}`, one.promise, async (place) => {
      if (place === "server up" && one.notUpInServer) return "–";
      let last = "";
      for (let tries = 0; tries < (one.isTimed ? TRIES : 1); tries++) {
        const { seen, ok } = await seenAtPlace(one, { place, to: echo.port });
        if (ok) return seen;
        last = seen;
      }
      return `OFF: ${last}`;
    });
  }
  await row(CHANCES, "a seed gives the same bytes, another one others", async (place) => {
    const digests: string[] = [];
    for (const seed of ["7", "7", "8"]) {
      const one = { fault: `${CHANCES},seed=${seed}`, promise: "", check: ["digest"] } as const;
      digests.push((await seenAtPlace(one, { place, to: echo.port })).seen.slice(0, 8));
    }
    const [first, again, other] = digests;
    return `${first === again && first !== other ? "" : "OFF: "}${digests.join(", ")}`;
  });
  console.log(`\n${off === 0 ? "all as promised" : `${off} off`}; load ${Deno.loadavg()[0]?.toFixed(1)}`);
  return off === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
