/**
 * What the server's process shows: processor time and descriptors after clients have left (task 1), the log file and the
 * console (3), and what it does about a busy port (4).
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { escapeText } from "../../base/text.ts";
import { textOf } from "./bytes.ts";
import type { Context } from "./context.ts";
import { basename } from "@std/path";
import { added, contents, sizeOf, snapshot } from "./folder.ts";
import { type Program, until } from "./program.ts";
import { crashIn } from "../grading/crash.ts";
import { HAS_PROC } from "../grading/processes.ts";
import { listeners } from "../grading/socket_lists.ts";
import { portsIn } from "./started_server.ts";
import { failed, message, type Outcome, passed, skipped } from "./messages.ts";
import type { Reaction } from "./terminal.ts";

/** Clients that come and go for {@linkcode noLeak}; a dialogue takes its time; and where it takes its time, all of them come at once. */
const VISITS = { echo: 12, dialogue: 6, slow: 4 };

/**
 * Looks at the process in {@linkcode workForNothing}, the ms between two, and the processor time in ms that is more than what is left to
 * do: on a busy machine that is begun late and takes long.
 */
const LOOKS = 12;
const BETWEEN = 15;
const MOST_LEFT = 150;

/** After clients have left, nothing is to be done. */
export async function noSpin({ server, program }: Context): Promise<Outcome> {
  if (program === undefined) return skipped("skip_needs_pid");
  server.leave();
  const sent = message("watched");
  const { percent, spins } = await workForNothing(program, server.signal);
  const received = message("cpu", { percent });
  if (!spins) return passed({ sent, received });
  return failed(message(server.isBusyAlone ? "why_spin_alone" : "why_spin", { percent }), { sent, received });
}

/** The share of a processor in percent that a program uses though there is nothing to do, and whether that does not end. */
export async function workForNothing(
  program: Program,
  signal: AbortSignal,
): Promise<{ readonly percent: number; readonly spins: boolean }> {
  if (await program.isAtRest()) return { percent: 0, spins: false };
  // What is left of the work before is done soon; who spins is at work whenever one looks. The share of the processor
  // alone would not tell on a machine that has others to serve.
  const [from, before] = [performance.now(), await program.work()];
  let [atWork, idle, used] = [0, 0, 0];
  while ((atWork < LOOKS || used < MOST_LEFT) && idle < LOOKS / 3 && !signal.aborted) {
    await delay(BETWEEN);
    const { cpu, isRunning } = await program.work();
    used = [...cpu].reduce((sum, [pid, ms]) => sum + ms - (before.cpu.get(pid) ?? ms), 0);
    if (isRunning) atWork++;
    else [atWork, idle] = [0, idle + 1];
  }
  return { percent: Math.round(100 * used / (performance.now() - from)), spins: idle < LOOKS / 3 };
}

/** Descriptors go back to what they were. */
export async function noLeak({ server, program }: Context): Promise<Outcome> {
  if (program === undefined) return skipped("skip_needs_pid");
  server.leave();
  const before = await settled(program);
  const isSlow = server.isSlow || server.isSlowToEnter;
  const visits = isSlow ? VISITS.slow : server.enter === undefined ? VISITS.echo : VISITS.dialogue;
  const visit = async (): Promise<void> => {
    const channel = await server.open({ isAtOnce: server.echoes });
    if (server.echoes) await channel.ask("visit");
    channel.close();
  };
  if (isSlow) await Promise.all(Array.from({ length: visits }, visit));
  else for (let number = 0; number < visits; number++) await visit();
  server.lastLeave = "leave-close";
  let after = before;
  await until(async () => (after = await program.descriptors()) <= before + visits / 4, server.patience);
  const received = message("descriptors", { before, after });
  const sent = message("came_and_went", { count: visits });
  if (after <= before + visits / 4) return passed({ sent, received });
  return failed(message("why_leak", { count: after - before }), { sent, received });
}

/** A file tells who came. */
export async function logFile({ server, program, folder, dialogue, hasFailed }: Context): Promise<Outcome> {
  if (program === undefined || folder === undefined) return skipped("skip_needs_command");
  await server.session();
  const before = snapshot(folder);
  // Somebody known by now comes again: what is stored of clients does not grow, a log does.
  const comesAgain = !hasFailed("leave-close") && !hasFailed("no-spin");
  if (comesAgain) {
    server.leave();
    await server.session();
  }
  const sent = message("started");
  let logs = new Map<string, string>();
  const namedIn = (): string | undefined => {
    const hasGrown = (path: string): boolean => comesAgain && sizeOf(path) > (before.get(path) ?? 0);
    const isLog = (path: string): boolean =>
      LOG_NAME.test(basename(path)) || (!comesAgain || hasGrown(path)) && !isDocument(contents(path)) ||
      hasGrown(path) && isListOfClients(contents(path));
    const grown = [...added(folder, program.files)].filter(([path]) => isLog(path));
    logs = new Map(grown.map(([path, bytes]) => [path, textOf(bytes)]));
    const names = [...server.ourPorts, ...dialogue === undefined ? [] : [dialogue.options.name]].map(String);
    return [...logs].find(([path, text]) => {
      const words = hasGrown(path) ? OF_VISITS : OF_CLIENTS;
      return words.test(text) || names.some((name) => text.includes(name));
    })?.[0];
  };
  await until(async () => namedIn() !== undefined || await program.isAtRest("bytes"), 500);
  const path = namedIn();
  if (path !== undefined) {
    return passed({ sent, received: message("files", { files: escapeText(relativeTo(folder, path)) }) });
  }
  const names = [...logs.keys()].map((path) => escapeText(relativeTo(folder, path))).join(", ");
  if (names === "") return failed(message("why_no_log"), { sent, received: message("no_files") });
  return failed(message("why_log_silent"), { sent, received: message("files", { files: names }) });
}

/** The console stays quiet while clients come and go. */
export function quietConsole({ server, program }: Context): Outcome {
  const { target } = server;
  const port = target.transport === "tcp" ? String(target.port) : "";
  const { lines, exception } = withoutTracebacks(program?.laterOutput ?? "");
  // The line that names the port may come late.
  const messages = lines.filter((line, at) => at > 0 || port === "" || !line.includes(port));
  const sent = message("started");
  const [first] = messages;
  if (first === undefined) {
    const note = exception === undefined ? {} : { note: message("note_exception", { words: escapeText(exception) }) };
    return passed({ sent, received: message("nothing"), ...note });
  }
  const received = message("console", { count: messages.length, line: escapeText(first.slice(0, 120)) });
  return failed(message("why_console"), { sent, received });
}

/** Enter at the questions of the start takes the default. */
export async function defaultPort({ program, terminal }: Context): Promise<Outcome> {
  const { count, ended, isRepeated } = program?.questions ?? { count: 0 };
  if (count > 0) {
    const sent = message("pressed_enter", { count });
    if (isRepeated) return failed(message("why_asks_again"), { sent, received: message("asks_again") });
    if (ended === undefined) return passed({ sent, received: message("listens_first") });
    return failed(message("why_no_default"), { sent, received: message("died", { death: escapeText(ended) }) });
  }
  // Some ask at a terminal only.
  const enter = (await terminal())?.get("enter");
  if (enter === undefined) return skipped("skip_no_question");
  const [sent, received] = [message("pressed_enter", { count: 1 }), reactionText(enter)];
  return enter.did === "ends" ? failed(message("why_no_default"), { sent, received }) : passed({ sent, received });
}

/** A word, and a number that is no port, are refused at the question, not met with an exception. */
export async function badAnswers({ program, terminal }: Context): Promise<Outcome> {
  const reactions = await terminal();
  if (reactions === undefined) return skipped("skip_no_terminal");
  if (reactions.size === 0) {
    return skipped((program?.questions.count ?? 0) > 0 ? "skip_terminal_unasked" : "skip_no_question");
  }
  for (const [answer, typed] of [["word", "abc"], ["number", "70000"]] as const) {
    const reaction = reactions.get(answer);
    if (reaction?.did !== "ends" || !reaction.isCrash) continue;
    return failed(message("why_bad_answer", { typed }), {
      sent: message("typed", { typed }),
      received: reactionText(reaction),
    });
  }
  const end = reactions.get("end");
  const note = end?.did === "ends" && end.isCrash
    ? { note: message("note_end_of_input", { words: escapeText(end.words) }) }
    : {};
  return passed({ sent: message("typed", { typed: "abc, 70000" }), received: message("reaction_asks"), ...note });
}

function reactionText(reaction: Reaction): ReturnType<typeof message> {
  return reaction.did === "ends"
    ? message("died", { death: escapeText(reaction.words) })
    : message(`reaction_${reaction.did}`);
}

/** A second server finds another port. */
export async function portFallback({ server, program, second, isLifeless }: Context): Promise<Outcome> {
  if (program === undefined) return skipped("skip_needs_command");
  const sent = message("started_twice");
  // The first one has to be there, with a client.
  if (!isLifeless) await server.session();
  const taken = server.target.transport === "tcp" ? server.target.port : 0;
  if (!isLifeless && isFree(taken)) return skipped("skip_port_free", { port: taken });
  const { port, output, asks } = await second();
  if (asks) return failed(message("why_asks_for_port", { port: taken }), { sent, received: message("asks_port") });
  if (port === undefined) {
    const line = crashIn(output) ?? output.trim().split("\n").at(-1) ?? "";
    return failed(message("why_busy", { port: taken }), {
      sent,
      received: message("exited", { line: escapeText(line.slice(0, 160)) }),
    });
  }
  if (port === taken) {
    return failed(message("why_reuse_port", { port }), { sent, received: message("listens", { port }) });
  }
  return passed({ sent, received: message("listens", { port }) });
}

/** Whether nobody is seen to listen on that port. */
function isFree(port: number): boolean {
  return HAS_PROC && port > 0 && !listeners().some((listener) => listener.port === port);
}

/** … and says which. Where there is no second one, the first has to say it. */
export async function portPrinted({ server, program, second }: Context): Promise<Outcome> {
  const { port: secondPort, output: secondOutput } = await second();
  const own = server.target.transport === "tcp" ? server.target.port : 0;
  const port = secondPort ?? own;
  const output = secondPort === undefined ? program?.output ?? "" : secondOutput;
  const sent = message(secondPort === undefined ? "started" : "started_twice");
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const naming = new RegExp(`(?<!\\d)${port}(?!\\d)`);
  const line = lines.find((one) => naming.test(one));
  const told = message("console", { count: lines.length, line: escapeText((line ?? lines[0] ?? "").slice(0, 160)) });
  if (line !== undefined) return passed({ sent, received: told });
  if (lines.length === 0) return failed(message("why_not_printed", { port }), { sent, received: message("nothing") });
  // Another number near it is the port that was wanted.
  const isOther = portsIn(output).some((number) => number !== port && Math.abs(number - port) <= 100);
  return failed(message(isOther ? "why_printed_other" : "why_not_printed", { port }), { sent, received: told });
}

/** The number of descriptors once it changes no more. */
async function settled(program: Program): Promise<number> {
  let count = await program.descriptors();
  await until(async () => count === (count = await program.descriptors()), 400);
  return count;
}

/** Words for clients, in a log; and in one that has grown when a client came, which a log of the start does not. */
const OF_CLIENTS = /127\.0\.0\.1|::1|connect|client|accept|подключ|клиент|соедин/i;
const OF_VISITS = new RegExp(
  `${OF_CLIENTS.source}|user|receiv|recv|got |bytes|польз|гост|получ|приня|прин[её]с|байт`,
  "i",
);

/** Names of logs; what logs somebody in is none. */
const LOG_NAME = /log(?!in)|лог(?!ин)|журнал/i;

/** Whether a file is one document, or no text: something stored, not lines that are added to. */
function isDocument(bytes: Uint8Array): boolean {
  return bytes.includes(0) || bytes[0] === 0x80 || jsonIn(bytes) !== undefined;
}

/** Whether a file is a list of what clients did, in JSON. */
function isListOfClients(bytes: Uint8Array): boolean {
  const list = jsonIn(bytes);
  return Array.isArray(list) && list.length > 1 && OF_CLIENTS.test(textOf(bytes));
}

/** What a file holds that is one document of JSON; `undefined` where it is something else. */
function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
}

/** What the interpreter says of an exception that nobody catches: its beginning, and what it adds before its last line. */
const EXCEPTION =
  /^(?:Traceback \(|Exception |Task exception |Fatal (?:\w+ )?error|Unhandled exception|During handling |The above exception )/;
const ASIDE = /^(?:\s|-{20,}$|future: |handle: |protocol: |transport: |Caused by: )/;

/** What a traceback ends with: the class of the exception, as `ValueError` or `struct.error`. */
const LAST = /^(?:[\w.]*[A-Z]\w*|\w+(?:\.\w+)+)(?:: |$)/;

/** The lines of an output that the program meant to print, and the last line of the last traceback, where there is one. */
export function withoutTracebacks(output: string): { readonly lines: string[]; readonly exception?: string } {
  const lines: string[] = [];
  const traced = new Set<string>();
  let exception: string | undefined;
  let [isInside, exceptions] = [false, 0];
  for (const line of output.split("\n").filter((one) => one.trim() !== "")) {
    const isBegun = EXCEPTION.test(line);
    const isLast = LAST.test(line);
    if (isBegun) exceptions++;
    const isOfOne = isBegun || isInside && (ASIDE.test(line) || isLast);
    if (isOfOne || exceptions > 0 && /^\s|^[\w.]*Error/.test(line)) {
      if (traced.size < MOST_WORDS) { for (const [word] of line.matchAll(/\p{L}+/gu)) traced.add(word); }
    }
    if (isOfOne) {
      isInside = isBegun || ASIDE.test(line);
      if (!isInside) exception = line;
      exception ??= line;
    } else if (ASIDE.test(line) && !line.startsWith(" ")) continue;
    else {
      isInside = false;
      lines.push(line);
    }
  }
  // Threads that die at once write into each other's lines.
  const words = [...traced].sort((one, other) => other.length - one.length);
  const isPart = (line: string): boolean =>
    !/\p{L}/u.test(words.reduce((rest, word) => rest.replaceAll(word, ""), line));
  return {
    lines: exceptions > 1 ? lines.filter((line) => !isPart(line)) : lines,
    ...exception === undefined ? {} : { exception },
  };
}

/** Words of tracebacks that are looked for between them. */
const MOST_WORDS = 200;

function relativeTo(folder: string, path: string): string {
  return path.startsWith(folder) ? path.slice(folder.length).replace(/^\/+/, "") : path;
}
