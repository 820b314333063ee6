/**
 * The examined server's process: one that the grader starts (`--command`), or one that runs already (`--pid`).
 *
 * @module
 */
import { ActiveTimeout } from "../../base/active_timeout.ts";
import { delay } from "../../base/delay.ts";
import {
  areAtRest,
  areHeldUp,
  awaitsKeyboard,
  datagramPorts,
  descriptors,
  HAS_PROC,
  isRunning,
  type Limits,
  processes,
  type ProcessInfo,
  turns,
  wantedBytes,
  type WorkDone,
  workDone,
} from "../grading/processes.ts";
import { type Snapshot, snapshot } from "./folder.ts";
import { Pauses } from "../grading/pauses.ts";
import { restartOncePortIsFree } from "./port_left.ts";
import { LOOK, StartedServer, type StartSpec } from "./started_server.ts";
import type { Target } from "../../net/dial.ts";
import { HOST, IN_USE, type Printing, reactionsAtTerminal, startedAtTerminal, type Unasked } from "./terminal.ts";

/** Longest wait for what is printed once a server listens, in ms. */
const PRINTING = 1000;

/** How a server took Enter at the questions of its start. */
export interface Questions {
  readonly count: number;
  /** What it ended with; `undefined` where Enter was a good answer. */
  readonly ended?: string;
  /** Whether it asked the same again after Enter. */
  readonly isRepeated?: boolean;
}

/** A server that cannot be started: it ended, or did not listen in time. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
  /** What it printed last. */
  readonly output: string;
  /** Where it takes datagrams instead. */
  readonly datagramPort: number | undefined;

  constructor(output: string, datagramPort?: number) {
    super("Cannot start the server: it does not listen");
    this.output = output;
    this.datagramPort = datagramPort;
  }
}

/** A second server beside the first. */
export interface Second extends Unasked {
  /** Whether it asked nothing at a terminal. */
  readonly isUnasked: boolean;
  /** Whether it asked for another port at its keyboard, which the first one did not. */
  readonly asks: boolean;
}

/** Where there is none. */
export const NO_SECOND: Second = { port: undefined, output: "", isUnasked: false, asks: false };

/** The process behind the examined address. */
export class Program {
  target: Target;
  readonly #spec: StartSpec | undefined;
  readonly #pid: number;
  #running: StartedServer | undefined;
  #quietFrom = 0;
  #files: Snapshot = new Map();
  #questions: Questions = { count: 0 };
  /** Whether it was at work, or waited for a time, when it had been left alone. */
  #isRestless = false;

  private constructor(target: Target, { spec, pid = 0, running }: ProgramParts) {
    this.target = target;
    this.#spec = spec;
    this.#pid = pid;
    this.#running = running;
  }

  /** A server that runs already. */
  static attached(pid: number, target: Target): Program {
    return new Program(target, { pid });
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @throws {NotStarted}
   */
  static async started(spec: StartSpec): Promise<Program> {
    const program = new Program(spec.target, { spec });
    if (await program.restart() || await restartOncePortIsFree(program, spec)) return program;
    const output = program.#running?.output ?? "";
    const [datagramPort] = HAS_PROC ? datagramPorts(await program.#pids()) : [];
    await program.stop();
    throw new NotStarted(output, datagramPort);
  }

  /** Whether it can be started again. */
  get canRestart(): boolean {
    return this.#spec !== undefined;
  }

  /** Whether it was started here and has ended. */
  get hasEnded(): boolean {
    return this.#running?.hasEnded === true;
  }

  /** Files of its folder when it had begun to listen. */
  get files(): Snapshot {
    return this.#files;
  }

  /** What it asked at its start. */
  get questions(): Questions {
    return this.#questions;
  }

  /** What it died of, or its last words; `undefined` while it runs. */
  get death(): string | undefined {
    return this.#running?.hasEnded ? this.#running.crash ?? this.#running.lastWords : undefined;
  }

  /** Whether it has ended by itself, and has not told its system of an error. */
  get hasEndedWell(): boolean {
    return this.#running?.hasSucceeded === true;
  }

  /** The error that it died of, which it did not catch; `undefined` where there is none. */
  get crash(): string | undefined {
    return this.#running?.hasEnded ? this.#running.crash : undefined;
  }

  /** Whether the last start failed on a port that nobody listens on: the one before has left it in TIME_WAIT. */
  get isPortLeft(): boolean {
    return this.#running?.hasEnded === true && IN_USE.test(this.output);
  }

  /** Whether it waits for its keyboard. */
  async readsInput(): Promise<boolean> {
    return await this.#running?.readsInput() ?? false;
  }

  /** Whether it waits for nothing else: not for clients. */
  async awaitsKeyboard(): Promise<boolean> {
    return await this.readsInput() && awaitsKeyboard(await this.#pids());
  }

  /** Waits for the end of a program that is dying, as long as it is at work; one that always is gets a moment. */
  async endsSoon(): Promise<boolean> {
    const running = this.#running;
    if (running === undefined || this.hasEnded) return this.hasEnded;
    if (await running.isAtRest(this.#isRestless ? "any" : "none")) return this.hasEnded;
    // A loop that waits for a limited time has had its turn then, and gone on.
    const before = turns(await running.pids());
    const hasTurned = async (): Promise<boolean> => {
      if (!await running.isAtRest("any")) return false;
      const now = turns(await running.pids());
      return [...before].every(([thread, ran]) => now.get(thread) !== ran);
    };
    const hasEnded = await running.endsWithin(this.#isRestless ? DYING : MOST_DYING, hasTurned);
    this.#isRestless ||= !hasEnded && !await running.isAtRest();
    return hasEnded;
  }

  /** Whether the system tells what a process does. */
  get canWatch(): boolean {
    return HAS_PROC;
  }

  /** What it has printed since it was started. */
  get output(): string {
    return this.#running?.output ?? "";
  }

  /** What it has printed since it listened. */
  get laterOutput(): string {
    return this.output.slice(this.#quietFrom);
  }

  /** Starts it, anew where it runs; false when it does not come to listen. */
  async restart(): Promise<boolean> {
    if (this.#spec === undefined) return false;
    await this.#running?.stop();
    this.#running = new StartedServer(this.#spec);
    let { port, host, questions, isRepeated } = await this.#listen(this.#running, this.#spec);
    if (port === undefined && questions > 0 && this.#questions.ended === undefined && this.death !== undefined) {
      this.#questions = { count: questions, ended: this.death };
      await this.#running.stop();
      this.#running = new StartedServer(this.#spec);
      ({ port, host, questions } = await this.#listen(this.#running, this.#spec));
    } else if (this.#questions.ended === undefined) this.#questions = { count: questions, isRepeated };
    if (port === undefined) return false;
    // A name may stand for an address other than the one that is expected: localhost for ::1, the machine's for 127.0.1.1.
    const elsewhere = host === undefined || host === LOOPBACK ? {} : { host };
    if (this.target.transport === "tcp") this.target = { ...this.target, port, ...elsewhere };
    // What it says when it begins to listen may come a moment later, where others have the processor.
    await until(() => this.isAtRest("any"), PRINTING);
    this.#quietFrom = this.output.length;
    this.#files = snapshot(this.#spec.folder);
    return true;
  }

  /** Starts a second one beside it, at a terminal, where it may ask what it does not ask otherwise; looks where it listens. */
  async startAnother(): Promise<Second> {
    if (this.#spec === undefined) return NO_SECOND;
    // Who listens may do nothing for a moment before it says so, as while a file is read.
    const isTold = async (other: Printing, port: number): Promise<void> => {
      await until(() => other.output.includes(String(port)), PRINTING);
    };
    const unasked = this.#questions.count > 0 ? undefined : await startedAtTerminal(this.#spec, isTold);
    if (unasked !== undefined) return { ...unasked, isUnasked: true, asks: false };
    const other = new StartedServer(this.#spec);
    try {
      const { port, sound } = await this.#listen(other, this.#spec);
      if (port !== undefined) await isTold(other, port);
      return { port, output: other.output, isUnasked: false, asks: sound > this.#questions.count };
    } finally {
      await other.stop();
    }
  }

  /** Ends it, and starts it at a terminal for each answer to its first question. */
  async atTerminal(): ReturnType<typeof reactionsAtTerminal> {
    await this.stop();
    return this.#spec === undefined ? undefined : await reactionsAtTerminal(this.#spec);
  }

  /** Its work so far, processor time in ms by process, and whether it is at work now. */
  async work(): Promise<{ readonly cpu: ReadonlyMap<number, number>; readonly isRunning: boolean }> {
    const members = await this.#members();
    const running = await isRunning(members.map(({ pid }) => pid));
    return { cpu: new Map(members.map(({ pid, cpu }) => [pid, cpu])), isRunning: running };
  }

  /** Whether it is at work, or would be if it had a processor; see {@linkcode areHeldUp}. */
  async isHeldUp(): Promise<boolean> {
    return HAS_PROC && await areHeldUp(await this.#pids());
  }

  /** Whether it does nothing until something comes from outside, or so it seems; false where that cannot be told. */
  async isAtRest(limits?: Limits): Promise<boolean> {
    return await areAtRest(await this.#pids(), limits);
  }

  /** Its pauses from now on; nobody has come to it yet. */
  async pauses(): Promise<Pauses> {
    return await Pauses.of(() => this.#pids());
  }

  /** How far it has come. */
  async workDone(): Promise<WorkDone> {
    return workDone(await this.#pids());
  }

  /** How many bytes it waits for, where that is at most `most` and can be told: the width of a header. */
  async wants(most: number): Promise<number | undefined> {
    return wantedBytes(await this.#pids(), most);
  }

  /** Descriptors its processes have open. */
  async descriptors(): Promise<number> {
    return await descriptors(await this.#pids());
  }

  /** Ends what was started here. */
  async stop(): Promise<void> {
    await this.#running?.stop();
  }

  async #pids(): Promise<number[]> {
    return await this.#running?.pids() ?? (await this.#members()).map(({ pid }) => pid);
  }

  async #members(): Promise<ProcessInfo[]> {
    if (this.#running !== undefined) return await this.#running.members();
    const all = await processes();
    const found = new Set([this.#pid]);
    // Children have higher numbers, mostly; a second look finds the others.
    for (const { pid, parent } of [...all, ...all]) if (found.has(parent)) found.add(pid);
    return all.filter(({ pid }) => found.has(pid));
  }

  /** Answers the questions of a start; with what is asked for, where the server has ended of Enter alone. */
  async #listen(running: StartedServer, spec: StartSpec): Promise<{
    readonly port: number | undefined;
    readonly host: string | undefined;
    readonly questions: number;
    /** Those that came before any error: who reads its keyboard when its way to listen has failed asks nothing. */
    readonly sound: number;
    readonly isRepeated: boolean;
  }> {
    const { target, answers = [] } = spec;
    const isTold = this.#questions.ended !== undefined;
    const [host, expected] = target.transport === "tcp" ? [target.host, target.port] : ["", 0];
    let [isRepeated, before, sound] = [false, "", 0];
    const { ports, questions } = await running.listens(spec, (question, text) => {
      const line = text.split("\n").at(-1) ?? "";
      if (running.crash === undefined) sound++;
      isRepeated ||= question > 0 && line !== "" && line === before;
      before = line;
      const given = answers[question]?.replaceAll("{host}", host).replaceAll("{port}", String(expected));
      return given ?? (isTold || isRepeated ? (HOST.test(line) ? host : String(expected)) : "");
    });
    const all = [...ports.keys()];
    const likely = all.find((one) => one === expected) ?? all.find((one) => running.output.includes(String(one)));
    const port = likely ?? all[0];
    return { port, host: port === undefined ? undefined : ports.get(port), questions, sound, isRepeated };
  }
}

/** Where a server that is started is expected. */
const LOOPBACK = "127.0.0.1";

/** Time that a dying program has to end, in ms; more where it is not known to be busy always. */
const DYING = 150;
const MOST_DYING = 1500;

interface ProgramParts {
  readonly spec?: StartSpec;
  readonly pid?: number;
  readonly running?: StartedServer;
}

/** Looks until it is so, for `ms` at most, without what held us up. */
export async function until(isSo: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  const patience = new ActiveTimeout(ms);
  while (!await isSo()) if (!await patience.settles(delay(LOOK))) return false;
  return true;
}
