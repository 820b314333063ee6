// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task fleet [--registrations N] [--sessions N] [--servers N] [server|balancer|database|promotion …]`: PostgreSQL with
 * a standby, HAProxy and three servers on this machine; kills each part under load and prints what was lost.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { hasHaproxy } from "../tests/fleet/balancer.ts";
import { BLOWS, type Damage, Fleet } from "../tests/fleet/fleet.ts";
import { damageTable, seconds, TOLD } from "../tests/fleet/table.ts";
import { hasPostgres } from "../tests/support/auth_postgres.ts";
import { runProgram } from "../tests/support/programs.ts";

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
    console.error(`fleet: ${TOLD.en[blow]}: done`);
  }
  console.log(damageTable(damages));
  const ended = seconds(await fleet.disable(sessions), "en");
  console.log(
    `\nusers disable, the servers' connections to the database cut in that moment: all ${sessions} sessions ended ${ended} after the command began`,
  );
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

if (import.meta.main) Deno.exit(await main(Deno.args));
