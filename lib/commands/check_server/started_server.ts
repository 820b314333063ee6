/**
 * A server that was started by its command, until it listens.
 *
 * @module
 */
import { ActiveTimeout } from "../../base/active_timeout.ts";
import { delay } from "../../base/delay.ts";
import { HAS_PROC, listeningPorts } from "../grading/processes.ts";
import { StartedProgram } from "../grading/started_program.ts";
import type { Target } from "../../net/dial.ts";
import type { OnPortLeft } from "./port_left.ts";

/** Longest wait for a server to listen, in ms. */
const START_PATIENCE = 8000;

/** Questions answered at a start, and ms after which one is taken to have been asked where that cannot be seen. */
const MOST_QUESTIONS = 6;
const UNSEEN_QUESTION = 1500;

/** Time for what has been printed to be read here, in ms. */
const IN_PIPE = 100;

/** How often a process is looked at, in ms. */
export const LOOK = 25;

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
  readonly onPortLeft?: OnPortLeft;
  /** Typed when it asks; `{host}` and `{port}` stand for the target. Without them: Enter, then what it seems to ask for. */
  readonly answers?: readonly string[];
}

/** A server that was started by its command. */
export class StartedServer extends StartedProgram {
  constructor({ command, folder }: StartSpec) {
    // Without a search path the system's own shell is still there, and knows one.
    super({ command: [Deno.env.get("PATH") ? "sh" : "/bin/sh", "-c", command], folder });
  }

  /** What it has printed so far, on either stream. */
  get output(): string {
    return this.stdout.text + this.stderr.text;
  }

  /**
   * The ports it listens on, once there are any; none when it ends first or takes too long. Until then its questions are
   * answered, when they are asked: what is typed too early would answer a question that comes later.
   *
   * @param answer The answer to the question of that number, which was printed so.
   */
  async listens(
    { target, signal }: StartSpec,
    answer: (question: number, line: string) => string,
  ): Promise<{ readonly ports: ReadonlyMap<number, string | undefined>; readonly questions: number }> {
    const start = performance.now();
    let [questions, seen] = [0, 0];
    while (!signal.aborted && performance.now() < start + START_PATIENCE) {
      const hadEnded = this.hasEnded;
      const pids = await this.pids();
      const printed = HAS_PROC ? [] : portsIn(this.output);
      const isLate = performance.now() > start + START_PATIENCE / 2;
      const expected = target.transport === "tcp" && isLate ? [target.port] : [];
      const likely = (printed.length > 0 ? printed : expected).map((port) => [port, undefined] as const);
      const ports = HAS_PROC ? listeningPorts(pids) : new Map(likely);
      if (ports.size > 0 || hadEnded || await this.#isDone(questions)) return { ports, questions };
      // Where nothing tells that a program reads, one that has begun a line is taken to after a while.
      const isLikely = (!HAS_PROC || /[^\n]$/.test(this.stdout.text.slice(seen))) &&
        performance.now() > start + UNSEEN_QUESTION * (questions + 1);
      const isAsking = questions < MOST_QUESTIONS && (await this.readsInput() || isLikely);
      if (isAsking) {
        // Who reads has printed the question already: it may lie in the pipe still.
        if (!/[^\n]$/.test(this.stdout.text.slice(seen))) await new ActiveTimeout(IN_PIPE).settles(this.stdout.changed);
        this.type(answer(questions++, this.stdout.text.slice(seen)));
        seen = this.stdout.text.length;
        await new ActiveTimeout(LOOK * 6).settles(Promise.race([this.stdout.changed, this.ended]));
      }
      await delay(LOOK, signal);
    }
    return { ports: new Map(), questions };
  }

  /** Whether it has failed, and reads its keyboard still after all that is typed for it. */
  async #isDone(questions: number): Promise<boolean> {
    return questions === MOST_QUESTIONS && this.crash !== undefined && await this.readsInput();
  }
}

/** Numbers in a text that may be ports. */
export function portsIn(text: string): number[] {
  return Array.from(text.matchAll(/(?<![\d.])\d{2,5}(?!\d|\.\d)/g), ([port]) => Number(port)).filter((port) =>
    port <= 65535
  );
}
