// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench scale [--seconds 6] [--users 1000,100000,1000000] [--print]`: every measured figure of docs/scale.md, in
 * some minutes: stores with two servers, memory of idle connections, what is lost when parts of a fleet die, and what
 * follows for more of them. Prints the tables, and writes them into docs/scale.md and docs/scale.ru.md.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { BLOWS, type Damage, Fleet } from "../fleet/fleet.ts";
import { hasHaproxy } from "../fleet/balancer.ts";
import { damageTable, decimal, markdown, type PageLanguage, seconds } from "../fleet/table.ts";
import { hasPostgres } from "../support/auth_postgres.ts";
import { runProgram, runTool } from "../support/tools.ts";
import { BUFFERS, idleMemory, measureStores, type StoreRow, storeTable } from "./store.ts";

const LOAD = { registrations: 200, sessions: 50 } as const;
const SERVERS = { store: 2, fleet: 3 } as const;
const CLIENTS = 16;

/** All that was found. */
interface Found {
  readonly rows: readonly StoreRow[];
  /** In KiB. */
  readonly memory: { readonly echo: number; readonly auth: number };
  readonly damages: readonly Damage[];
  /** From `users disable` to the end of the last session, in ms. */
  readonly disabled: number;
  readonly machine: readonly string[];
  readonly load: number;
}

async function main(args: readonly string[]): Promise<number> {
  const given = parseArgs([...args], { string: ["users", "seconds"], boolean: ["print"] });
  if (!hasPostgres || !hasHaproxy) {
    console.error("bench scale: PostgreSQL and HAProxy are needed (apt install postgresql haproxy)");
    return 69;
  }
  const users = String(given.users ?? "1000,100000,1000000").split(",").map(Number);
  const machine = await machineText();
  const load = Deno.loadavg()[0] ?? 0;
  const rows = await measureStores({
    users,
    seconds: Number(given.seconds ?? 6),
    clients: CLIENTS,
    servers: SERVERS.store,
  });
  console.error("bench scale: stores: done");
  const memory = await idleMemory();
  await using fleet = await Fleet.start(SERVERS.fleet);
  const damages: Damage[] = [];
  for (const blow of BLOWS) damages.push(await fleet.strike(blow, LOAD));
  const disabled = await fleet.disable(LOAD.sessions);
  console.error("bench scale: fleet: done");
  const found: Found = { rows, memory, damages, disabled, machine, load };
  for (const language of ["en", "ru"] as const) {
    const blocks = blocksOf(found, language);
    if (language === "en") console.log(Object.values(blocks).join("\n\n"));
    if (!given.print) await write(`docs/scale${language === "en" ? "" : ".ru"}.md`, blocks);
  }
  return damages.every(({ lost, othersEnded }) => lost === 0 && othersEnded === 0) ? 0 : 1;
}

/** Processor, system, versions. */
async function machineText(): Promise<string[]> {
  const model = /model name\s*: (.*)/.exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const line = async (program: string, ...args: readonly string[]) => (await runProgram(program, args)).stdout;
  const version = (text: string): string => /\d+(\.\d+)+/.exec(text)?.[0] ?? "?";
  const { stdout } = await runTool("echo-server", ["--version"]);
  return [
    `${navigator.hardwareConcurrency} × ${model.trim()}`,
    `Linux ${version(Deno.osRelease())}`,
    `Deno ${/Deno ([\d.]+)/.exec(stdout)?.[1]}`,
    `PostgreSQL ${version(await line("psql", "--version"))}`,
    `HAProxy ${version(await line("haproxy", "-v"))}`,
  ];
}

/** What the pages have between their marks, by name. */
function blocksOf({ rows, memory, damages, disabled, machine, load }: Found, language: PageLanguage) {
  const isEnglish = language === "en";
  const number = (value: number, digits = 0): string => decimal(value, { digits, language });
  const kib = (value: number): string => `${number(value, 1)} ${isEnglish ? "KiB" : "КиБ"}`;
  const by = { registrations: LOAD.registrations, sessions: LOAD.sessions, ended: seconds(disabled, language) };
  return {
    stores: [
      isEnglish
        ? `${machine.join(", ")}; \`fsync\` on, \`shared_buffers\` ${BUFFERS}; load of the machine before: ${
          number(load, 1)
        }. ${SERVERS.store} servers, ` +
          `${CLIENTS} clients, the database and all of them on these cores; each log-in is a connection of its own.`
        : `${machine.join(", ")}; \`fsync\` включён, \`shared_buffers\` ${BUFFERS}; нагрузка машины до измерения: ${
          number(load, 1)
        }. Серверов ` +
          `${SERVERS.store}, клиентов ${CLIENTS}, база и все они на этих ядрах; на каждый вход отдельное соединение.`,
      storeTable(rows, language),
      isEnglish
        ? `An idle connection takes ${kib(memory.echo)} in mode \`echo\`, ${kib(memory.auth)} after a log-in.`
        : `Простаивающее соединение занимает ${kib(memory.echo)} в режиме \`echo\`, ${kib(memory.auth)} после входа.`,
    ].join("\n\n"),
    fleet: [
      damageTable(damages, language),
      isEnglish
        ? `Each time with ${by.registrations} registrations and ${by.sessions} echo sessions. With the servers' connections ` +
          `to the database cut in that moment, \`users disable\` ended ${by.sessions} sessions at three servers in ${by.ended}.`
        : `Каждый раз ${by.registrations} регистраций и ${by.sessions} сессий эхо. При оборванных в этот момент соединениях ` +
          `серверов с базой \`users disable\` завершил ${by.sessions} сессий на трёх серверах за ${by.ended}.`,
    ].join("\n\n"),
    sums: sums(rows, { memory, language }),
  };
}

/** What follows from the figures. */
function sums(
  rows: readonly StoreRow[],
  { memory, language }: { readonly memory: Found["memory"]; readonly language: PageLanguage },
): string {
  const isEnglish = language === "en";
  const postgres = rows.filter(({ store }) => store === "PostgreSQL");
  const [few, many] = [postgres[0], postgres.at(-1)];
  if (few === undefined || many === undefined) throw new TypeError("PostgreSQL was measured");
  const { server, database = 0, clients } = many.cpu;
  const number = (value: number, digits = 0): string => decimal(value, { digits, language });
  const most = 1000 * navigator.hardwareConcurrency;
  const cores = (ms: number): string => number(Math.ceil(10_000 * ms / 1000));
  const facts: readonly (readonly [string, string, string])[] = [
    [
      `log-in with ${number(many.users)} users against ${number(few.users)}, p50`,
      `вход при ${number(many.users)} пользователей против ${number(few.users)}, p50`,
      `× ${number(many.logIn / few.logIn, 2)}`,
    ],
    [
      "log-ins a second by SCRAM that these cores have time for, with and without the clients",
      "входов в секунду по SCRAM, на которые хватает этих ядер, с клиентами и без них",
      `${number(most / (server + database + clients))}, ${number(most / (server + database))}`,
    ],
    [
      "log-ins a second by SCRAM for one core of the database",
      "входов в секунду по SCRAM на одно ядро базы",
      number(1000 / database),
    ],
    [
      "10,000 log-ins a second by SCRAM: cores of servers, of the database",
      "10 000 входов в секунду по SCRAM: ядер серверов, ядер базы",
      `${cores(server)}, ${cores(database)}`,
    ],
    [
      "1,000,000 idle connections after a log-in: memory",
      "1 000 000 простаивающих соединений после входа: память",
      `${number(memory.auth * 1024 * 1e6 / 1e9, 1)} ${isEnglish ? "GB" : "ГБ"}`,
    ],
  ];
  const heading = isEnglish ? ["what follows", "figure"] : ["что отсюда следует", "число"];
  return markdown(heading, facts.map(([english, russian, value]) => [isEnglish ? english : russian, value]));
}

/** Replaces what stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
async function write(path: string, blocks: Readonly<Record<string, string>>): Promise<void> {
  const file = fromFileUrl(new URL(`../../${path}`, import.meta.url));
  let text = await Deno.readTextFile(file);
  for (const [name, block] of Object.entries(blocks)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${path} has no ${begin} … ${end}`);
    text = `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`;
  }
  await Deno.writeTextFile(file, text);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file] }).output();
  console.error(`bench scale: written: ${path}`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
