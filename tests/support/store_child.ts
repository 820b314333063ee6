/**
 * A process of its own on a data directory, for tests that kill it or make its disk fail.
 *
 *     deno run -A tests/support/store_child.ts register DIR PREFIX [COUNT]   prints "created NAME" once acknowledged
 *     deno run -A tests/support/store_child.ts probe DIR                     reads, then writes; prints a Probe as JSON
 *     deno run -A tests/support/store_child.ts fill DIR                      writes until it fails; prints a Fill as JSON
 *
 * @module
 */
import { EchoError } from "../../lib/base/errors.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import type { UserStore } from "../../lib/store/store.ts";
import { newSession, newUser } from "./store_conformance.ts";

/** What an operation came to: its value, or the error. */
export interface Outcome {
  readonly value?: unknown;
  readonly code?: string;
  readonly message?: string;
}

/** What `probe` prints. */
export interface Probe {
  readonly open: Outcome;
  readonly findUser?: Outcome;
  readonly createUser?: Outcome;
  readonly createSession?: Outcome;
  /** The same read once more, after the writes. */
  readonly findAgain?: Outcome;
}

/** What `fill` prints. */
export interface Fill {
  readonly acknowledged: number;
  readonly error: Outcome;
  /** How many of the acknowledged users are found after the failure: by the same store, and by one opened anew. */
  readonly found: number;
  readonly foundAnew: number;
  /** What writing comes to once there is room again. */
  readonly afterwards: Outcome;
}

async function outcome(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await run() };
  } catch (error) {
    if (error instanceof EchoError) return { code: error.code, message: error.message };
    throw error;
  }
}

function print(value: unknown): void {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function register(directory: string, prefix: string, count: number): Promise<void> {
  await using store = await openSqliteStore(directory);
  for (let i = 0; i < count; i++) {
    const name = `${prefix}${i}`;
    print(`${await store.createUser(newUser(name))} ${name}`);
  }
}

async function probe(directory: string): Promise<Probe> {
  let store: UserStore | undefined;
  const open = await outcome(async () => {
    store = await openSqliteStore(directory);
    return "opened";
  });
  if (store === undefined) return { open };
  await using opened = store;
  const findUser = () => outcome(async () => (await opened.findUser("Anna"))?.name);
  return {
    open,
    findUser: await findUser(),
    createUser: await outcome(() => opened.createUser(newUser("Boris"))),
    createSession: await outcome(() => opened.createSession(newSession("id", "Anna"), { max: 10 })),
    findAgain: await findUser(),
  };
}

async function fill(directory: string): Promise<Fill> {
  // Leaves room to give back: a file that is removed at the end.
  const ballast = `${directory}/ballast`;
  await Deno.writeFile(ballast, new Uint8Array(128 * 1024));
  const names: string[] = [];
  const count = async (store: UserStore) => {
    let found = 0;
    for (const name of names) if (await store.findUser(name) !== null) found++;
    return found;
  };
  let error: Outcome = { value: "created" };
  let found: number;
  {
    await using store = await openSqliteStore(directory);
    while (error.code === undefined) {
      const name = `user ${names.length}`;
      error = await outcome(() => store.createUser(newUser(name, "v".repeat(2000))));
      if (error.code === undefined) names.push(name);
    }
    found = await count(store);
  }
  await using anew = await openSqliteStore(directory);
  const foundAnew = await count(anew);
  await Deno.remove(ballast);
  const afterwards = await outcome(() => anew.createUser(newUser("afterwards")));
  return { acknowledged: names.length, error, found, foundAnew, afterwards };
}

if (import.meta.main) {
  const [command, directory = "", prefix = "", count = "1000000"] = Deno.args;
  if (command === "register") await register(directory, prefix, Number(count));
  else if (command === "probe") print(await probe(directory));
  else if (command === "fill") print(await fill(directory));
  else throw new Error(`Cannot run ${command}: no such command`);
}
