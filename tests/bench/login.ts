// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench login`: log-ins a second, and what one costs the server, through SCRAM, tokens and plain passwords.
 *
 * Clients keep the keys that follow from the password, so that their PBKDF2 is not measured. Every log-in is a connection
 * of its own. Rounds of the three take turns, so that whatever else the machine does hits all alike.
 *
 * @module
 */
import { ask, codeOf, cpuOf, logIn, median, PASSWORD, startAuth, tokenOf, VERIFIER } from "../support/auth.ts";
import { runTool } from "../support/tools.ts";

const ROUNDS = 5;
/** Clients that log in at the same time. */
const CLIENTS = 4;

/** A way to log in. */
interface Way {
  readonly name: string;
  /** Log-ins of one client in one round. */
  readonly count: number;
  /** A client that logs in again and again. */
  readonly client: (port: number) => () => Promise<string>;
}

const WAYS: readonly Way[] = [
  { name: "SCRAM", count: 50, client: (port) => () => logIn(port, "anna") },
  { name: "token", count: 50, client: withTokens },
  { name: "plain", count: 3, client: (port) => () => ask(port, "anna", PASSWORD) },
];

/** Each log-in gives the token of the next one. The user is another one: a user has ten sessions, then the oldest ends. */
function withTokens(port: number): () => Promise<string> {
  let token: string | undefined;
  return async () => {
    const answer = token === undefined ? await logIn(port, "berta") : await ask(port, `AUTH TOKEN ${token}`);
    token = tokenOf(answer);
    return answer;
  };
}

/** What one round found. */
interface Round {
  /** Log-ins a second. */
  readonly rate: number;
  /** Server CPU a log-in, in ms. */
  readonly cpu: number;
}

async function main(): Promise<void> {
  await using server = await startAuth(["anna", "berta"], { verifier: VERIFIER });
  const runs = WAYS.map((way) => ({
    way,
    clients: Array.from({ length: CLIENTS }, () => way.client(server.port)),
    rounds: [] as Round[],
  }));
  // The first of each is not counted: code is compiled, and each client gets its first token.
  for (const { way, clients } of runs) await round({ ...way, count: Math.min(way.count, 10) }, clients, server.pid);
  for (let number = 0; number < ROUNDS; number++) {
    for (const { way, clients, rounds } of runs) rounds.push(await round(way, clients, server.pid));
  }
  const { stdout: version } = await runTool("echo-server", ["--version"]);
  console.log(`${version.trim()}\n${await machine()}`);
  console.log(`${CLIENTS} clients at once, ${ROUNDS} rounds; median (least to most)\n`);
  console.log("log-in     a second                    server CPU, ms each");
  for (const { way, rounds } of runs) {
    const rate = spread(rounds.map((found) => found.rate), 0);
    const cpu = spread(rounds.map((found) => found.cpu), 1);
    console.log(`${way.name.padEnd(10)} ${rate.padEnd(27)} ${cpu}`);
  }
}

async function round(
  { name, count }: Way,
  clients: readonly (() => Promise<string>)[],
  pid: number,
): Promise<Round> {
  const cpuBefore = cpuOf(pid);
  const began = performance.now();
  await Promise.all(clients.map(async (enter) => {
    for (let number = 0; number < count; number++) {
      const answer = await enter();
      if (codeOf(answer) !== "235") throw new Error(`Cannot log in by ${name}: the answer is ${codeOf(answer)}`);
    }
  }));
  const logIns = clients.length * count;
  return { rate: logIns / (performance.now() - began) * 1000, cpu: (cpuOf(pid) - cpuBefore) / logIns };
}

function spread(values: readonly number[], digits: number): string {
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)];
  return `${middle.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}

async function machine(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /model name\s*: (.*)/.exec(info)?.[1] ?? Deno.build.arch;
  return `${navigator.hardwareConcurrency} × ${model}, ${Deno.build.os} ${Deno.osRelease()}`;
}

if (import.meta.main) await main();
