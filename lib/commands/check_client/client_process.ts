/**
 * A client that the grader starts, and what it prints of the replies.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { delay } from "../../base/delay.ts";
import { ActiveTimeout } from "../../base/active_timeout.ts";
import { areHeldUp, awaitsBytes, awaitsEvents, HAS_PROC, isRunning, processes } from "../grading/processes.ts";
import { type ProgramStart, StartedProgram } from "../grading/started_program.ts";

/** How long a client's use of the processor is watched at most, in ms. */
const WATCH = 1500;

/** Time for what has been printed to be read here, in ms. */
const IN_PIPE = 60;

/** Processor time in that, in ms, from which it is called busy: one that waits uses none, one that spins all it gets. */
const BUSY = 60;

/** Processor time, in ms, that nobody needs in order to end. */
const SPINS = 1000;

/** Looks at it that find it not at work, after which it is called idle: one that spins is at work at each. */
const IDLE_LOOKS = 4;

/** A running client. */
export class ClientProcess extends StartedProgram {
  /** Whether its questions were answered as they came. */
  hasAnswered = false;

  /** @throws {UsageError} `bad_value`, when there is no such program. */
  static start(start: ProgramStart): ClientProcess {
    try {
      return new ClientProcess(start);
    } catch (error) {
      throw notStarted(start.command[0] ?? "", error);
    }
  }

  /** How often it printed `text`. */
  count(text: string): number {
    return this.stdout.text.split(text).length - 1;
  }

  /** Resolves once it printed `text` `times` times, or after `ms`. */
  async shows(text: string, times: number, ms: number): Promise<boolean> {
    const patience = new ActiveTimeout(ms);
    while (this.count(text) < times) {
      if (this.stdout.isOver || !await patience.settles(this.stdout.changed)) return false;
    }
    return true;
  }

  /** What it has printed once it has nothing more to do, or after `ms`: the last of it may lie in the pipe for a moment. */
  async allPrinted(ms: number): Promise<string> {
    await this.endsWithin(ms, () => this.isAtRest("bytes"));
    await new ActiveTimeout(IN_PIPE).settles(this.stdout.changed);
    return this.stdout.text;
  }

  /** Whether all it does, once it is at work no more, is to wait for the server's next bytes; false where that cannot be told. */
  async awaitsReply(): Promise<boolean> {
    for (;;) {
      const pids = (await this.members()).map(({ pid }) => pid);
      if (await awaitsBytes(pids)) return true;
      if (this.hasEnded || !await areHeldUp(pids)) return false;
    }
  }

  /** Whether it waits for its keyboard and for bytes at once, in a loop of events. */
  async awaitsEvents(): Promise<boolean> {
    if (!HAS_PROC || !await this.isAtRest("bytes") || await this.readsInput()) return false;
    const pids = await this.pids();
    return awaitsEvents(pids) && !awaitsBytes(pids);
  }

  /** Whether it ends within `ms`; one that is seen to work on, without end, will not. */
  async endsInTime(ms: number): Promise<boolean> {
    const before = await processorTime(this.pid) ?? Infinity;
    const worksOn = async (): Promise<boolean> => (await processorTime(this.pid) ?? 0) - before >= SPINS;
    return await this.endsWithin(ms, async () => await this.isAtRest() || await worksOn());
  }

  /** Whether it keeps the processor busy, though there is nothing to do; false where that cannot be told. */
  async isBusy(): Promise<boolean> {
    if (await this.isAtRest()) return false;
    const before = await processorTime(this.pid);
    let idle = 0;
    for (let watched = 0; before !== undefined && idle < IDLE_LOOKS && watched < WATCH; watched += BUSY) {
      await delay(BUSY);
      if (HAS_PROC && !isRunning(await this.pids())) idle++;
      const now = await processorTime(this.pid);
      if (now === undefined) return false;
      if (now - before >= BUSY) return true;
    }
    return false;
  }
}

function notStarted(program: string, cause: unknown): unknown {
  const reason = cause instanceof Deno.errors.NotFound
    ? "no_program"
    : cause instanceof Deno.errors.PermissionDenied
    ? "permission"
    : undefined;
  if (reason === undefined) return cause;
  return new UsageError("bad_value", `Cannot start ${program}: there is no such program, or it may not be run`, {
    details: { option: "COMMAND", value: program, reason },
    cause,
  });
}

/** Processor time of a process group in ms; `undefined` where it cannot be told. */
async function processorTime(group: number): Promise<number | undefined> {
  const all = await processes();
  return all.length === 0 ? undefined : all.reduce((sum, { group: of, cpu }) => of === group ? sum + cpu : sum, 0);
}
