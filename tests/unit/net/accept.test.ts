import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { acceptLoop } from "../../../lib/net/accept.ts";

/** A listener that gives what it is told to, and is closed after that. */
class FakeListener implements Deno.Listener {
  readonly addr: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  #results: (Error | Deno.Conn)[];
  accepts = 0;

  constructor(results: readonly (Error | Deno.Conn)[]) {
    this.#results = [...results];
  }

  accept(): Promise<Deno.Conn> {
    this.accepts++;
    const next = this.#results.shift() ?? new Deno.errors.BadResource("Listener has been closed");
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  }

  close(): void {}
  ref(): void {}
  unref(): void {}
  [Symbol.dispose](): void {}
  // deno-lint-ignore require-yield
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Deno.Conn> {
    throw await Promise.reject(new TypeError("The accept loop must not iterate: it would end at the first error"));
  }
}

const conn = {} as Deno.Conn;
const tooMany = (): Error => Object.assign(new Error("Too many open files (os error 24)"), { code: "EMFILE" });

async function run(results: readonly (Error | Deno.Conn)[]): Promise<{ accepted: number; waits: number[] }> {
  const waits: number[] = [];
  let accepted = 0;
  await acceptLoop(new FakeListener(results), {
    onConnection: () => accepted++,
    onError: (_error, waitMs) => waits.push(waitMs),
  });
  return { accepted, waits };
}

Deno.test("acceptLoop() ends when the listener is closed", async () => {
  assertEquals(await run([conn, conn]), { accepted: 2, waits: [] });
  assertEquals(await run([conn, new Deno.errors.Interrupted("operation canceled"), conn]), { accepted: 1, waits: [] });
});

Deno.test("acceptLoop() goes on at once after a client that was gone before it was accepted", async () => {
  const gone = [
    new Deno.errors.NotConnected("Transport endpoint is not connected (os error 107)"),
    new Deno.errors.ConnectionAborted("Software caused connection abort (os error 103)"),
    new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)"),
  ];
  assertEquals(await run([...gone, conn, ...gone, conn]), { accepted: 2, waits: [] });
});

Deno.test("acceptLoop() waits longer and longer while there are no descriptors, and starts over after a success", async () => {
  assertEquals(await run([tooMany(), tooMany(), tooMany(), conn, tooMany(), conn]), {
    accepted: 2,
    waits: [10, 20, 40, 10],
  });
});

Deno.test("acceptLoop() lets others have their turn after so many connections, however they come", async () => {
  const seen: number[] = [];
  let accepted = 0;
  await acceptLoop(new FakeListener([conn, conn, tooMany(), conn, conn, conn, conn, conn]), {
    onConnection: () => accepted++,
    giveWay: () => Promise.resolve(void seen.push(accepted)),
    burst: 3,
  });
  assertEquals([seen, accepted], [[3, 6], 7]);
});

Deno.test("acceptLoop() lets others have their turn on its own where nobody says how", async () => {
  let isOver = false;
  let timers = 0;
  const tick = (): void => {
    timers++;
    if (!isOver) id = setTimeout(tick, 0);
  };
  let id = setTimeout(tick, 0);
  await acceptLoop(new FakeListener(Array.from({ length: 10 }, () => conn)), { onConnection: () => {}, burst: 2 });
  isOver = true;
  clearTimeout(id);
  assertGreaterOrEqual(timers, 4);
});
