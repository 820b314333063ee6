/**
 * Rows about what is stored, and about the system: processes, signals, descriptors, memory. And mode `identify`.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { delay } from "../../../lib/base/delay.ts";
import { STORE_LOCK_WAIT } from "../../../lib/base/limits.ts";
import { codeOf, registration } from "../../support/auth.ts";
import { descriptorsOf, OWN_PAIR } from "../../support/load.ts";
import { frame, memoryOf, writeAll } from "../../support/net.ts";
import type { HostileCase } from "../../support/hostile.ts";
import { startServer, until } from "../../support/tools.ts";

const MIB = 1024 * 1024;

const STORAGE: readonly HostileCase[] = [
  {
    ...{ group: "storage", name: "one name registered on 20 connections at once", mode: "auth" },
    sends: "REGISTER with one name, 20 times",
    must: "235 once, 501 [TAKEN] 19 times",
    run: async (target) => {
      const name = target.newName();
      const answers = await inParallel(20, async () => {
        await using client = await target.client();
        return await client.say(registration(name));
      });
      assertEquals(answers.map(codeOf).toSorted(), ["235", ...Array.from({ length: 19 }, () => "501")]);
      assert(answers.every((answer) => codeOf(answer) === "235" || answer.includes("[TAKEN]")));
    },
  },
  {
    ...{ group: "storage", name: "50 registrations at once", mode: "auth" },
    sends: "REGISTER on 50 connections",
    must: "each user that was acknowledged can log in",
    run: async (target) => {
      const names = await inParallel(50, () => target.newUser());
      for (const name of names) {
        await using client = await target.client();
        assertMatch(await client.scram(name), /^235 /);
      }
    },
  },
  {
    ...{ group: "storage", name: "registrations whose clients do not wait for the answer", mode: "auth" },
    sends: "REGISTER and the end at once, 20 times",
    must: "each name has a user or is free",
    run: async (target) => {
      const names = Array.from({ length: 20 }, () => target.newName());
      for (const name of names) {
        await using client = await target.client();
        await client.conn.send(registration(name));
      }
      for (const name of names) {
        await using client = await target.client();
        const answer = await client.say(registration(name));
        assert(codeOf(answer) === "235" || answer.includes("[TAKEN]"), answer);
      }
    },
  },
  {
    ...{
      group: "storage",
      name: "a database that another program keeps locked for a moment",
      mode: "auth",
      needs: "own",
    },
    sends: "REGISTER while the database is locked",
    must: "235 once it is free; who is a user gets in meanwhile",
    run: async (target) => {
      const name = await target.newUser();
      // The server may be writing: a program that wants the lock waits for it.
      using other = new DatabaseSync(join(target.spec.own?.data ?? "", "echo.db"), { timeout: STORE_LOCK_WAIT });
      other.exec("BEGIN IMMEDIATE");
      const registered = target.newUser();
      // That nothing comes is only to be seen by waiting: what is not written is not acknowledged.
      const early = await Promise.race([registered, delay(300).then(() => "nothing")]);
      assertEquals(early, "nothing");
      other.exec("ROLLBACK");
      assert(await registered !== "");
      await using client = await target.client();
      assertMatch(await client.scram(name), /^235 /);
    },
  },
  {
    ...{ group: "storage", name: "SIGKILL after acknowledged registrations", mode: "auth", needs: "own" },
    sends: "10 registrations, then the server is killed and started again on its data",
    must: "the 10 users and the witnesses are there",
    run: async (target) => {
      const names = await inParallel(10, () => target.newUser());
      const { data = "", kill } = target.spec.own ?? {};
      await using copy = await restarted(data, () => kill?.("SIGSTOP"));
      try {
        await using again = await target.on(copy.port);
        await again.check();
        for (const name of names) {
          await using client = await again.client();
          assertMatch(await client.scram(name), /^235 /);
        }
      } finally {
        kill?.("SIGCONT");
      }
    },
  },
];

const SYSTEM: readonly HostileCase[] = [
  {
    ...{ group: "system", name: "500 connections that leave at once", mode: "any" },
    sends: "nothing",
    must: "others are served",
    run: async (target) => {
      for (let times = 0; times < 500; times++) (await target.dial()).close();
    },
  },
  {
    ...{ group: "system", name: "80 connections that stay silent", mode: "any" },
    sends: "nothing",
    must: "others are served meanwhile",
    run: async (target) => {
      const conns = await inParallel(80, () => target.dial());
      await target.check();
      for (const conn of conns) conn.close();
    },
  },
  {
    ...{ group: "system", name: "descriptors after 300 connections", mode: "any", needs: "pid" },
    sends: "half a frame each",
    must: "as many descriptors are open as before",
    run: async (target) => {
      const { pid = 0 } = target.spec;
      const before = descriptorsOf(pid);
      for (let round = 0; round < 10; round++) {
        const conns = await inParallel(30, () => target.dial());
        await Promise.all(conns.map((conn) => writeAll(conn, Uint8Array.of(0, 0)).catch(() => {})));
        for (const conn of conns) conn.close();
      }
      await until(() => descriptorsOf(pid) <= before + OWN_PAIR ? true : undefined, `${before} descriptors`);
    },
  },
  {
    ...{ group: "system", name: "memory under 60 begun frames of 1 MiB", mode: "any", needs: "pid" },
    sends: "a header and 1,000 bytes each",
    must: "the server grows by less than 50 MiB",
    run: async (target) => {
      const { pid = 0 } = target.spec;
      const before = memoryOf(pid, "VmRSS");
      const conns = await inParallel(60, () => target.dial());
      const begun = frame(new Uint8Array(MIB)).subarray(0, 1000);
      await Promise.all(conns.map((conn) => writeAll(conn, begun).catch(() => {})));
      await target.check();
      assertLess(memoryOf(pid, "VmRSS") - before, 50 * MIB);
      for (const conn of conns) conn.close();
    },
  },
  {
    ...{ group: "system", name: "SIGSTOP and SIGCONT in a conversation", mode: "any", needs: "pid" },
    sends: "messages while the server stands still",
    must: "each comes back once it goes on",
    run: async (target) => {
      const { pid = 0 } = target.spec;
      await using conn = await target.session();
      await conn.send("before");
      await conn.receive();
      Deno.kill(pid, "SIGSTOP");
      try {
        for (let number = 0; number < 10; number++) await conn.send(`number ${number}`);
        await until(() => isStopped(pid) ? true : undefined, "a server that stands still");
      } finally {
        Deno.kill(pid, "SIGCONT");
      }
      const expected = Array.from({ length: 10 }, (_, number) => `number ${number}`).join("");
      let received = "";
      while (received.length < expected.length) received += await conn.receiveText() ?? "end of the connection";
      assertEquals(received, expected);
    },
  },
  {
    ...{ group: "system", name: "SIGHUP after the log file was moved away", mode: "any", needs: "own" },
    sends: "SIGHUP",
    must: "a new log file, and sessions go on",
    run: async (target) => {
      const { own } = target.spec;
      if (own === undefined) return;
      const path = join(own.data, "echo-server.log");
      await Deno.rename(path, `${path}.moved`);
      own.kill("SIGHUP");
      await until(() => isFile(path) ? true : undefined, "a new log file");
    },
  },
];

const IDENTIFY: readonly HostileCase[] = [
  {
    ...{ group: "dialogue", name: "a known host is asked nothing", mode: "identify" },
    sends: "a name, a command and a bad name after the greeting",
    must: "230 first, then each comes back",
    run: async (target) => {
      await using conn = await target.dialFramed();
      assertMatch(await conn.receiveText() ?? "", /^230 /);
      for (const message of ["Mallory", "AUTH TOKEN x", "\u0000"]) {
        await conn.send(message);
        assertEquals(await conn.receiveText(), message);
      }
    },
  },
  {
    ...{ group: "dialogue", name: "frames before the greeting is read", mode: "identify" },
    sends: "three frames and the end of the client's side",
    must: "230, then the three frames",
    run: async (target) => {
      const wire = frame("one");
      const returned = await target.exchange(wire, { finish: true });
      assertEquals(returned.subarray(returned.length - wire.length), wire);
    },
  },
];

/** Rows of every mode. */
export const SYSTEM_CASES: readonly HostileCase[] = [...STORAGE, ...IDENTIFY, ...SYSTEM];

async function inParallel<T>(count: number, act: () => Promise<T>): Promise<T[]> {
  return await Promise.all(Array.from({ length: count }, act));
}

/** A second server on a copy of what the first one has on disk at this moment, as a kill would leave it. */
async function restarted(data: string, freeze: () => void): Promise<Awaited<ReturnType<typeof startServer>>> {
  const copy = `${data}.copy`;
  freeze();
  await Deno.mkdir(copy, { mode: 0o700 });
  for await (const { name } of Deno.readDir(data)) {
    if (name.startsWith("echo.db")) await Deno.copyFile(join(data, name), join(copy, name));
  }
  const server = await startServer({ data: copy, args: ["--mode", "auth"] });
  return {
    ...server,
    [Symbol.asyncDispose]: async () => (await server.stop(), await Deno.remove(copy, { recursive: true })),
  };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Whether a signal has stopped a process: state T of /proc/PID/status. */
function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
}
