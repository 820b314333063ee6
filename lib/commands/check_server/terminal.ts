/**
 * How a server takes answers at a terminal: task 2. A pseudo-terminal comes from `script` (util-linux), as the runtime has none.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { crashIn } from "../grading/crash.ts";
import { areAtRest, listeningPorts, readsInput, signalGroup } from "../grading/processes.ts";
import { StartedProgram } from "../grading/started_program.ts";

/** What is typed at the first question for a port: Enter, a word, a number that is no port, and the end of the input. */
const ANSWERS = ["enter", "word", "number", "end"] as const;

export type Answer = typeof ANSWERS[number];

/** What a server did with an answer. `waits`: neither of the others, for a while. */
export type Reaction =
  | { readonly did: "listens" | "asks" | "waits" }
  | { readonly did: "ends"; readonly words: string; readonly isCrash: boolean };

/** How the server is started: as a shell takes it, and where. */
interface TerminalSpec {
  readonly command: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const KEYS: Readonly<Record<Answer, string>> = { enter: "\r", word: "abc\r", number: "70000\r", end: "\x04" };

/** Longest wait for a question, and for what follows the answer, in ms; how often one looks; what is a silence after words. */
const PATIENCE = 3000;
const LOOK = 20;
const QUIET = 500;

/** Time in which a terminal passes on what was typed, in ms. */
const PASSING = 60;

/** A question for a host, which is answered with Enter: the port is asked for next. */
export const HOST = /host|address|\bip\b|хост|адрес|узел/i;

/** A port that the server before has left in TIME_WAIT: the answer was taken. */
export const IN_USE = /already in use|EADDRINUSE|address in use/i;

/**
 * Starts the server anew for each answer, and tells what it did; `undefined` where there is no terminal to be had, nothing where
 * it asks for nothing. The port has to be free.
 */
export async function reactionsAtTerminal(spec: TerminalSpec): Promise<Map<Answer, Reaction> | undefined> {
  const reactions = new Map<Answer, Reaction>();
  const [first, ...others] = ANSWERS;
  const reaction = await reactionTo(first, spec);
  if (reaction === undefined) return undefined;
  if (reaction === "unasked") return reactions;
  reactions.set(first, reaction);
  const tell = async (answer: Answer): Promise<void> => {
    const did = await reactionTo(answer, spec);
    if (typeof did === "object") reactions.set(answer, did);
  };
  // Who asks has no port yet. One that then finds its port taken by another of these is asked again, alone.
  await Promise.all(others.map(tell));
  if (!others.some((answer) => reactions.get(answer)?.did === "listens")) return reactions;
  for (const answer of others) {
    const did = reactions.get(answer);
    if (did?.did === "ends" && !did.isCrash) await tell(answer);
  }
  return reactions;
}

/** A program that prints. */
export interface Printing {
  readonly output: string;
}

/** What became of a server that was started at a terminal and did not ask: its port, where it listens, and what it printed. */
export interface Unasked {
  readonly port: number | undefined;
  readonly output: string;
}

/**
 * Starts the server beside one that runs; `undefined` where it asks something, takes long, or where there is no terminal.
 *
 * @param isTold Resolves once what it says of that port has been printed.
 */
export async function startedAtTerminal(
  spec: TerminalSpec,
  isTold: (terminal: Printing, port: number) => Promise<void>,
): Promise<Unasked | undefined> {
  const program = programAtTerminal(spec);
  if (program === undefined) return undefined;
  await using terminal = new Terminal(program, spec.signal);
  const state = await terminal.next();
  if (state === "ends") return isWithoutTerminal(program) ? undefined : { port: undefined, output: terminal.output };
  const [port] = terminal.ports;
  if (state !== "listens" || port === undefined) return undefined;
  await isTold(terminal, port);
  return { port, output: terminal.output };
}

/** `undefined` where there is no `script`. */
function programAtTerminal({ command, folder }: TerminalSpec): StartedProgram | undefined {
  try {
    const env = { TERM: "dumb", SHELL: "/bin/sh" };
    return new StartedProgram({ command: ["script", "-q", "-e", "-f", "-c", command, "/dev/null"], folder, env });
  } catch {
    return undefined;
  }
}

function isWithoutTerminal({ stdout }: StartedProgram): boolean {
  return /script: |not found/.test(stdout.text);
}

async function reactionTo(answer: Answer, spec: TerminalSpec): Promise<Reaction | "unasked" | undefined> {
  const program = programAtTerminal(spec);
  if (program === undefined) return undefined;
  await using terminal = new Terminal(program, spec.signal);
  let state = await terminal.next();
  if (state === "asks" && HOST.test(terminal.question)) {
    program.press("\r");
    state = await terminal.next();
  }
  if (state !== "asks") {
    return state === "ends" && isWithoutTerminal(program) ? undefined : "unasked";
  }
  program.press(KEYS[answer]);
  const after = await terminal.next();
  if (after !== "ends") return { did: after };
  const text = terminal.words;
  if (IN_USE.test(text)) return { did: "listens" };
  const crash = crashIn(text) ?? /^EOFError.*$/m.exec(text)?.[0];
  return { did: "ends", words: crash ?? text.trim().split("\n").at(-1)?.trim() ?? "", isCrash: crash !== undefined };
}

/** A program in a terminal: what it does next. */
class Terminal implements AsyncDisposable, Printing {
  readonly #program: StartedProgram;
  readonly #signal: AbortSignal;
  #from = 0;
  #pids: number[] = [];

  constructor(program: StartedProgram, signal: AbortSignal) {
    this.#program = program;
    this.#signal = signal;
  }

  /** The last line of that: what it seems to ask. */
  get question(): string {
    return this.words.slice(0, -1).split("\n").at(-1) ?? "";
  }

  /** What it has printed since the last step, as lines. */
  get words(): string {
    return this.#program.stdout.text.slice(this.#from).replaceAll("\r\n", "\n");
  }

  /** All that it has printed, as lines. */
  get output(): string {
    return this.#program.stdout.text.replaceAll("\r\n", "\n");
  }

  /** Whether it, and the terminal, have nothing to do. */
  async #isAtRest(): Promise<boolean> {
    return await this.#program.isAtRest() && await areAtRest(this.#pids);
  }

  /** Where it listens. */
  get ports(): number[] {
    return [...listeningPorts(this.#pids).keys()];
  }

  /** What it does: it listens, asks (reads its keyboard, or has said something and waits), ends, or nothing of that. */
  async next(): Promise<"listens" | "asks" | "ends" | "waits"> {
    this.#from = this.#program.stdout.text.length;
    const start = performance.now();
    let [length, since] = [this.#from, start];
    while (performance.now() < start + PATIENCE && !this.#signal.aborted) {
      const hadEnded = this.#program.hasEnded;
      this.#pids = await this.#below();
      if (listeningPorts(this.#pids).size > 0) return "listens";
      if (hadEnded) {
        await this.#program.endsWithin(QUIET);
        return "ends";
      }
      const now = this.#program.stdout.text.length;
      if (now !== length) [length, since] = [now, performance.now()];
      const quiet = performance.now() - since;
      // The terminal itself has passed on what was typed, and whoever reads has had it.
      const isIdle = quiet > PASSING && await this.#isAtRest();
      if (isIdle && this.#program.stdout.text.length === length && readsInput(this.#pids)) return "asks";
      const hasSaid = this.words.split("\n").at(-1)?.trim() !== "";
      if (quiet > QUIET && (hasSaid || readsInput(this.#pids))) return "asks";
      await delay(LOOK, this.#signal);
    }
    return "waits";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#pids) signalGroup(pid, "SIGKILL");
    await this.#program[Symbol.asyncDispose]();
  }

  /** What runs in the terminal: script's session is another one. */
  async #below(): Promise<number[]> {
    return await this.#program.descendants();
  }
}
