/**
 * The examined server's process: one that the grader starts (`--command`), or one that runs already (`--pid`).
 *
 * @module
 */
import { ActiveTimeout } from "../grading/active_timeout.ts";
import { delay } from "../../base/delay.ts";
import { descriptors, HAS_PROC, isRunning, listeningPorts, processes, type ProcessInfo } from "../grading/processes.ts";
import { StartedProgram } from "../grading/started_program.ts";
import type { Target } from "../../net/dial.ts";

/** Longest wait for a server to listen, in ms. */
const START_PATIENCE = 8000;

/** How often a process is looked at, in ms. */
const LOOK = 25;

/** How a server is started. */
export interface StartSpec {
  /** As a shell takes it. */
  readonly command: string;
  /** Where it is started. */
  readonly folder: string;
  /** Where it is expected to listen. */
  readonly target: Target;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** A started server. */
export class Running extends StartedProgram {
  constructor({ command, folder }: StartSpec) {
    super({ command: ["sh", "-c", command], folder });
  }

  /** What it has printed so far, on either stream. */
  get output(): string {
    return this.stdout.text + this.stderr.text;
  }

  /** The ports it listens on, once there are any; none when it ends first or takes too long. */
  async listens(signal: AbortSignal, { expected }: { readonly expected: number }): Promise<number[]> {
    const end = performance.now() + START_PATIENCE;
    while (!signal.aborted && performance.now() < end) {
      const hadEnded = this.hasEnded;
      const printed = HAS_PROC ? [] : portsIn(this.output);
      const ports = HAS_PROC
        ? await listeningPorts((await this.members()).map(({ pid }) => pid))
        : printed.length > 0
        ? printed
        : performance.now() > end - START_PATIENCE / 2
        ? [expected]
        : [];
      if (ports.length > 0) return ports;
      if (hadEnded) return [];
      await delay(LOOK, signal);
    }
    return [];
  }
}

/** A server that cannot be started: it ended, or did not listen in time. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
  /** What it printed last. */
  readonly output: string;

  constructor(output: string) {
    super("Cannot start the server: it does not listen");
    this.output = output;
  }
}

/** The process behind the examined address. */
export class Program {
  target: Target;
  readonly #spec: StartSpec | undefined;
  readonly #pid: number;
  #running: Running | undefined;
  #quietFrom = 0;

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
    if (await program.restart()) return program;
    const output = program.#running?.output ?? "";
    await program.stop();
    throw new NotStarted(output);
  }

  /** Whether it can be started again. */
  get canRestart(): boolean {
    return this.#spec !== undefined;
  }

  /** Whether it was started here and has ended. */
  get hasEnded(): boolean {
    return this.#running?.hasEnded === true;
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
    this.#running = new Running(this.#spec);
    const port = await this.#listen(this.#running, this.#spec);
    if (port === undefined) return false;
    if (this.target.transport === "tcp") this.target = { ...this.target, port };
    // What it says when it begins to listen may come a moment later.
    await delay(100, this.#spec.signal);
    this.#quietFrom = this.output.length;
    return true;
  }

  /** Starts a second one beside it, and looks where that listens. */
  async startAnother(): Promise<{ readonly port: number | undefined; readonly output: string }> {
    if (this.#spec === undefined) return { port: undefined, output: "" };
    const other = new Running(this.#spec);
    try {
      const port = await this.#listen(other, this.#spec);
      if (port !== undefined) await until(() => other.output.includes(String(port)), 600);
      return { port, output: other.output };
    } finally {
      await other.stop();
    }
  }

  /** Its work so far, processor time in ms by process, and whether it is at work now. */
  async work(): Promise<{ readonly cpu: ReadonlyMap<number, number>; readonly isRunning: boolean }> {
    const members = await this.#members();
    const running = await isRunning(members.map(({ pid }) => pid));
    return { cpu: new Map(members.map(({ pid, cpu }) => [pid, cpu])), isRunning: running };
  }

  /** Descriptors its processes have open. */
  async descriptors(): Promise<number> {
    return await descriptors((await this.#members()).map(({ pid }) => pid));
  }

  /** Ends what was started here. */
  async stop(): Promise<void> {
    await this.#running?.stop();
  }

  async #members(): Promise<ProcessInfo[]> {
    if (this.#running !== undefined) return await this.#running.members();
    const all = await processes();
    const found = new Set([this.#pid]);
    // Children have higher numbers, mostly; a second look finds the others.
    for (const { pid, parent } of [...all, ...all]) if (found.has(parent)) found.add(pid);
    return all.filter(({ pid }) => found.has(pid));
  }

  async #listen(running: Running, { target, signal }: StartSpec): Promise<number | undefined> {
    for (let question = 0; question < 4; question++) running.type("");
    const expected = target.transport === "tcp" ? target.port : 0;
    const ports = await running.listens(signal, { expected });
    return ports.find((port) => port === expected) ?? ports.find((port) => running.output.includes(String(port))) ??
      ports[0];
  }
}

interface ProgramParts {
  readonly spec?: StartSpec;
  readonly pid?: number;
  readonly running?: Running;
}

/** Numbers in a text that may be ports. */
export function portsIn(text: string): number[] {
  return Array.from(text.matchAll(/(?<![\d.])\d{2,5}(?!\d|\.\d)/g), ([port]) => Number(port)).filter((port) =>
    port <= 65535
  );
}

/** Looks until it is so, for `ms` at most, without what held us up. */
export async function until(isSo: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  const patience = new ActiveTimeout(ms);
  while (!await isSo()) if (!await patience.settles(delay(LOOK))) return false;
  return true;
}
