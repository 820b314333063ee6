import { assertEquals } from "@std/assert";
import { procLine } from "../../../../lib/commands/grading/proc_files.ts";
import { areAtRest, datagramPorts, HAS_PROC, timeHeldUp, turns } from "../../../../lib/commands/grading/processes.ts";
import { Pauses } from "../../../../lib/commands/grading/pauses.ts";
import { StartedProgram } from "../../../../lib/commands/grading/started_program.ts";
import { until } from "../../../support/programs.ts";
import { hasPython, python } from "../../../support/python.ts";

Deno.test("timeHeldUp() takes what a program has run for its time, however long it was kept from the rest", () => {
  const before = { ran: 1000, waited: 500, isReady: true };
  // Meant to take 45 ms, a look took 300: the program had a third of them.
  assertEquals(timeHeldUp(before, { ran: 1100, waited: 700, isReady: true }, 45), 0);
  assertEquals(timeHeldUp(before, { ran: 1015, waited: 785, isReady: true }, 45), 30);
  assertEquals(timeHeldUp(before, { ran: 1015, waited: 510, isReady: false }, 45), 10);
});

Deno.test("timeHeldUp() is all of the time for who is ready and has not run, none for who waits", () => {
  const before = { ran: 1000, waited: 500, isReady: true };
  assertEquals(timeHeldUp(before, before, 45), 45);
  assertEquals(timeHeldUp(before, { ...before, isReady: false }, 45), 0);
});

Deno.test({
  name: "areAtRest() takes a child that has ended, and that nobody waits for, for no process at work",
  ignore: !HAS_PROC,
  fn: async () => {
    // The shell becomes a program that does not know of its child.
    await using program = new StartedProgram({ command: ["sh", "-c", "true & exec cat"] });
    const hasZombie = (pids: readonly number[]): boolean =>
      pids.some((pid) => /^\d+ \(.*\) Z/.test(procLine(`/proc/${pid}/stat`)));
    const pids = await until(async () => {
      const all = await program.pids();
      return hasZombie(all) ? all : undefined;
    }, "a zombie");
    assertEquals(pids.length, 2);
    await until(async () => await areAtRest(pids) || undefined, "rest");
    assertEquals(turns(pids).size, 0);
    assertEquals(await areAtRest(pids.filter((pid) => hasZombie([pid]))), false);
  },
});

Deno.test({
  name: "Pauses know how long a program sleeps in turns, and of one that waits for input that it does not",
  ignore: !HAS_PROC || !hasPython,
  fn: async () => {
    for (const [wait, isAsleep] of [["time.sleep(0.2)", true], ["sys.stdin.read()", false]] as const) {
      const script = `import sys, time\nwhile True: ${wait}`;
      await using program = new StartedProgram({ command: [python(), "-S", "-B", "-c", script] });
      await until(async () => await areAtRest(await program.pids(), "any") || undefined, "a wait");
      const { turn } = await Pauses.of(() => program.pids());
      assertEquals(turn > 190, isAsleep, `${turn} ms`);
    }
  },
});

Deno.test({
  name: "datagramPorts() are those on which a program takes datagrams",
  ignore: !HAS_PROC || !hasPython,
  fn: async () => {
    const script = `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
sys.stdin.read()`;
    await using program = new StartedProgram({ command: [python(), "-S", "-B", "-c", script] });
    const port = await until(() => program.stdout.text.trim() || undefined, "a port");
    assertEquals(datagramPorts(await program.pids()), [Number(port)]);
  },
});
