// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench guards DIST`: what log-ins and echoes cost the server now, and what they cost the one in another folder
 * of binaries, such as of a version before a guard was added. Processor time an operation; the two take turns, and each
 * pair of rounds gives a ratio, so that whatever else the machine does hits both.
 *
 * @module
 */
import { AuthClient, codeOf, cpuOf, logIn, median, registration, tokenOf } from "../support/auth.ts";
import { type RunningServer, startServer } from "../support/tools.ts";

const ROUNDS = 7;

/** Operations of one round; resolves once all are answered. */
interface Work {
  readonly name: string;
  readonly count: number;
  readonly run: (server: RunningServer, count: number) => Promise<void>;
}

const WORKS: readonly Work[] = [
  {
    name: "log-in by SCRAM",
    count: 200,
    run: async ({ port }, count) => {
      for (let done = 0; done < count; done++) expect("235", codeOf(await logIn(port, "anna")));
    },
  },
  {
    name: "log-in by token",
    count: 200,
    run: async ({ port }, count) => {
      let token = "";
      for (let done = 0; done < count; done++) {
        await using client = await AuthClient.to(port);
        token = tokenOf(token === "" ? await client.scram("anna") : await client.say(`AUTH TOKEN ${token}`));
      }
    },
  },
  { name: "echo of 64 B", count: 100_000, run: (server, count) => echoes(server, { count, size: 64 }) },
  { name: "echo of 64 KiB", count: 4000, run: (server, count) => echoes(server, { count, size: 64 * 1024 }) },
];

function expect(wanted: string, got: string): void {
  if (got !== wanted) throw new Error(`answered ${got}`);
}

/** One connection, some frames on their way. */
async function echoes({ port }: RunningServer, { count, size }: { count: number; size: number }): Promise<void> {
  const session = await AuthClient.to(port);
  expect("235", codeOf(await session.scram("anna")));
  await using conn = session.conn;
  const message = new Uint8Array(size);
  const sending = (async () => {
    for (let sent = 0; sent < count; sent++) await conn.send(message);
  })();
  for (let received = 0; received < count; received++) await conn.receive();
  await sending;
}

async function start(dist: string | undefined): Promise<RunningServer> {
  const own = Deno.env.get("ECHO_TEST_DIST");
  if (dist !== undefined) Deno.env.set("ECHO_TEST_DIST", dist);
  const server = await startServer({ args: ["--mode", "auth"] });
  if (own === undefined) Deno.env.delete("ECHO_TEST_DIST");
  else Deno.env.set("ECHO_TEST_DIST", own);
  await using client = await AuthClient.to(server.port);
  expect("235", codeOf(await client.say(registration("anna"))));
  return server;
}

/** Processor time an operation, in µs. */
async function cost(server: RunningServer, { run, count }: Work): Promise<number> {
  const before = cpuOf(server.pid);
  await run(server, count);
  return (cpuOf(server.pid) - before) * 1000 / count;
}

if (import.meta.main) {
  const [dist] = Deno.args;
  if (dist === undefined) throw new Error("Usage: deno task bench guards DIST");
  await using before = await start(dist);
  await using after = await start(undefined);
  console.log("| operation | before | after | after / before (quartiles) |\n| --- | --- | --- | --- |");
  for (const work of WORKS) {
    for (const server of [before, after]) await cost(server, work);
    const pairs: [number, number][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const first = round % 2 === 0 ? await cost(before, work) : 0;
      const second = await cost(after, work);
      pairs.push([first || await cost(before, work), second]);
    }
    const ratios = pairs.map(([first, second]) => second / first).toSorted((a, b) => a - b);
    const [low = 0, middle = 0, high = 0] = [0.25, 0.5, 0.75].map((share) => ratios[Math.floor(share * ratios.length)]);
    const us = (values: number[]): string => `${median(values).toFixed(1)} µs`;
    console.log(
      `| ${work.name} | ${us(pairs.map(([first]) => first))} | ${us(pairs.map(([, second]) => second))} | ` +
        `${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}) |`,
    );
  }
}
