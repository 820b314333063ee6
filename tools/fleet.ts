// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task fleet [--registrations N] [--sessions N] [--servers N] [server|balancer|database|promotion …]`: PostgreSQL with
 * a standby, HAProxy and three servers on this machine; kills each part under load and prints what was lost.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { hasHaproxy } from "../tests/fleet/balancer.ts";
import { type Blow, BLOWS, type Damage, Fleet } from "../tests/fleet/fleet.ts";
import { hasPostgres } from "../tests/support/auth_postgres.ts";
import { runProgram } from "../tests/support/programs.ts";

/** What happens to each part. */
const TOLD: Readonly<Record<Blow, string>> = {
  server: "kill -9 of a server, not restarted",
  balancer: "kill -9 of HAProxy, restarted at once",
  database: "kill -9 of PostgreSQL, restarted at once",
  promotion: "kill -9 of PostgreSQL, standby promoted",
};

async function main(args: readonly string[]): Promise<number> {
  const given = parseArgs([...args], { string: ["registrations", "sessions", "servers"] });
  const registrations = Number(given.registrations ?? 200);
  const sessions = Number(given.sessions ?? 50);
  const servers = Number(given.servers ?? 3);
  const asked = given._.map(String);
  const blows = asked.length === 0 ? BLOWS : BLOWS.filter((blow) => asked.includes(blow));
  if (!(registrations >= 4 && sessions >= servers && servers >= 2) || blows.length < asked.length) {
    console.error(`Usage: deno task fleet [--registrations N] [--sessions N] [--servers N] [${BLOWS.join("|")} …]`);
    return 64;
  }
  if (!hasPostgres) {
    console.error("fleet: PostgreSQL is not installed (apt install postgresql)");
    return 69;
  }
  console.log(await versions());
  await using fleet = await Fleet.start(servers);
  console.log(`A session went on at ${await fleet.move()} other servers by its token, one after the other.\n`);
  const damages: Damage[] = [];
  for (const blow of blows) {
    if (blow === "balancer" && !hasHaproxy) {
      console.log(
        "HAProxy is not installed (apt install haproxy): clients take the servers in turn, nothing stands before them.\n",
      );
      continue;
    }
    damages.push(await fleet.strike(blow, { registrations, sessions }));
    console.error(`fleet: ${TOLD[blow]}: done`);
  }
  for (const row of table(damages)) console.log(row);
  const isWhole = damages.every(({ lost, othersEnded }) => lost === 0 && othersEnded === 0);
  console.log(isWhole ? "\nfleet: nothing was lost" : "\nfleet: SOMETHING WAS LOST");
  return isWhole ? 0 : 1;
}

async function versions(): Promise<string> {
  const line = async (program: string, ...args: readonly string[]) =>
    (await runProgram(program, args)).stdout.split("\n")[0] ?? "";
  const haproxy = hasHaproxy ? await line("haproxy", "-v") : "no HAProxy";
  return `${await line("psql", "--version")} · ${haproxy} · ${navigator.hardwareConcurrency} cores, all parts on them`;
}

/** In Markdown. */
function table(damages: readonly Damage[]): string[] {
  const heading = [
    ...["what happened", "registrations acknowledged", "of them lost", "written, not acknowledged"],
    ...[
      "sessions through that part: ended",
      "other sessions: ended",
      "part back after",
      "longest time without a log-in",
    ],
  ];
  const rows = damages.map((damage) => [
    TOLD[damage.blow],
    String(damage.acknowledged),
    String(damage.lost),
    String(damage.unacknowledged),
    damage.struck === 0 ? "-" : `${damage.struckEnded} of ${damage.struck}`,
    damage.others === 0 ? "-" : `${damage.othersEnded} of ${damage.others}`,
    damage.blow === "server" ? "-" : `${(damage.downMs / 1000).toFixed(1)} s`,
    `${(damage.gapMs / 1000).toFixed(1)} s`,
  ]);
  return [heading, heading.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
