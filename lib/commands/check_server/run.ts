/**
 * The examination: every check in its turn, so that one mistake is one finding. A check that another failure makes
 * meaningless is skipped; when the server dies, it is started again where that is possible, and the rest is skipped
 * where it is not.
 *
 * @module
 */
import type { Framing } from "../../framing/framing.ts";
import type { Target } from "../../net/dial.ts";
import { UsageError } from "../../base/errors.ts";
import { escapeText } from "../../base/text.ts";
import { looksLike, protocolName } from "../../net/sniff.ts";
import { shown, textOf, utf8 } from "./bytes.ts";
import type { Check, Context } from "./context.ts";
import { detect, styleNotes } from "./detect.ts";
import type { Dialogue, DialogueOptions } from "./dialogue.ts";
import { DIALOGUE_CHECKS, remembersClient, remembersPassword } from "./dialogue_checks.ts";
import { NotServed, ServerUnderTest, WORDS } from "./server_under_test.ts";
import { answeredOnce, manyClients, manyMessages } from "./exchange_checks.ts";
import { findDialogue } from "./find_dialogue.ts";
import * as framing from "./framing_checks.ts";
import type { Seen } from "../grading/outcome.ts";
import { CHECK_IDS, CHECK_TASKS, type CheckId } from "./ids.ts";
import * as leaving from "./leave_checks.ts";
import * as own from "./process_checks.ts";
import type { Program } from "./program.ts";
import {
  type Evidence,
  failed,
  type Message,
  message,
  type MessageKey,
  type Observation,
  type Outcome,
  skipped,
} from "./messages.ts";

/** What to examine, and how. */
export interface CheckSpec {
  readonly target: Target;
  /** Where the user says it; otherwise it is found out. */
  readonly framing?: Framing;
  /** Ends the examination early: what is left is skipped. */
  readonly signal: AbortSignal;
  /** The server's process, where it is known. */
  readonly program?: Program;
  /** Numbers of the tasks to examine; default all. */
  readonly tasks?: readonly number[];
  readonly dialogue: DialogueOptions;
  /** Folder whose files are searched. */
  readonly folder?: string;
  /** Told of each check that begins. */
  readonly onStep?: (step: { readonly number: number; readonly count: number; readonly id: CheckId }) => void;
}

/** What the examination found. */
export interface CheckResult {
  readonly target: Target;
  readonly framing: Framing | undefined;
  readonly observations: readonly Observation[];
  readonly notes: readonly Message[];
}

/** Deaths of the questions that find out the framing, and connections closed at once, after which they are given up. */
const MOST_DEATHS = 4;
const MOST_LEFT = 14;
const MOST_CLOSED = 2;

/** In the order of examination: what needs no one to leave first, then leaving, then what watches the process. */
const CHECKS: readonly Check[] = [
  { id: "many-messages", run: (c) => manyMessages(c.server), unfit: needsAnswer },
  { id: "byte-lengths", run: (c) => framing.byteLengths(c.server), unfit: needsFrames },
  { id: "emoji", run: (c) => framing.emoji(c.server), needs: ["byte-lengths"], unfit: needsEcho },
  { id: "empty-message", run: (c) => framing.emptyMessage(c.server), unfit: needsFrames },
  { id: "merged-frames", run: (c) => framing.mergedFrames(c.server), needs: ["many-messages"], unfit: needsFrames },
  { id: "split-header", run: (c) => framing.splitHeader(c.server), unfit: needsHeader },
  { id: "large-frame", run: (c) => framing.largeFrame(c.server), unfit: needsConversation },
  {
    id: "split-utf8",
    run: (c) => framing.splitUtf8(c.server),
    needs: ["byte-lengths", "large-frame"],
    unfit: needsEcho,
  },
  { id: "leave-close", run: (c) => leaving.leaveClose(c.server) },
  { id: "leave-half-close", run: (c) => leaving.leaveHalfClose(c.server), needs: ["leave-close"] },
  { id: "leave-mid-frame", run: (c) => leaving.leaveMidFrame(c.server), needs: ["leave-close"], unfit: needsFrames },
  { id: "leave-reset", run: (c) => leaving.leaveReset(c.server), needs: ["leave-close"] },
  { id: "many-clients", run: (c) => manyClients(c.server), needs: ["leave-close"], unfit: needsEcho },
  { id: "no-spin", run: own.noSpin, unfit: needsProcess },
  { id: "no-leak", run: own.noLeak, needs: ["leave-close", "no-spin"], unfit: needsProcess },
  ...DIALOGUE_CHECKS,
  { id: "log-file", run: own.logFile, unfit: needsCommand },
  { id: "quiet-console", run: own.quietConsole, unfit: needsCommand },
  { id: "port-fallback", run: own.portFallback, unfit: needsCommand, isClientless: true },
  { id: "port-printed", run: own.portPrinted, unfit: needsCommand, isClientless: true },
  // What follows ends the server: it may have left its port in TIME_WAIT then.
  { id: "remembers-client", run: remembersClient, needs: ["knows-client"], unfit: needsCommand },
  {
    id: "remembers-password",
    run: remembersPassword,
    needs: ["right-password", "wrong-password"],
    unfit: needsCommand,
  },
  { id: "default-port", run: own.defaultPort, unfit: needsCommand, isClientless: true },
  { id: "bad-answers", run: own.badAnswers, needs: ["default-port"], unfit: needsCommand, isClientless: true },
];

/**
 * Examines a server.
 *
 * @throws {NotServed} `refused`, when nothing listens to begin with.
 */
export async function examine(spec: CheckSpec): Promise<CheckResult> {
  const { signal, program, tasks } = spec;
  using server = new ServerUnderTest({
    ...{ target: program?.target ?? spec.target, signal },
    ...program === undefined
      ? {}
      : { isHeldUp: () => program.isHeldUp(), isAtRest: () => program.isAtRest(), endsSoon: () => program.endsSoon() },
  });
  const examination = new Examination(spec, server);
  const notes = await examination.begin();
  const checks = CHECKS.filter(({ id }) => tasks === undefined || tasks.includes(CHECK_TASKS[id]));
  for (const [at, check] of checks.entries()) {
    spec.onStep?.({ number: at + 1, count: checks.length, id: check.id });
    await examination.do(check);
  }
  return { target: server.target, framing: server.framing, observations: examination.observations(), notes };
}

class Examination {
  readonly #spec: CheckSpec;
  readonly #server: ServerUnderTest;
  readonly #outcomes = new Map<CheckId, Outcome>();
  #dialogue: Dialogue | undefined;
  #isGone = false;
  #isLifeless = false;
  #isPortLeft = false;
  #notes: Message[] = [];
  #second: ReturnType<Program["startAnother"]> | undefined;
  #terminal: ReturnType<Program["atTerminal"]> | undefined;

  constructor(spec: CheckSpec, server: ServerUnderTest) {
    this.#spec = spec;
    this.#server = server;
  }

  /** Finds out what kind of server it is. */
  async begin(): Promise<Message[]> {
    const { signal, framing } = this.#spec;
    for (let deaths = 1; !signal.aborted; deaths++) {
      try {
        const notes = await this.#findOut();
        if (!signal.aborted) return notes;
      } catch (error) {
        if (signal.aborted) break;
        if (!(error instanceof NotServed)) throw error;
        if (!await this.#survived(error, deaths)) return this.#notes;
      }
    }
    // Half of the questions tell nothing.
    this.#server.framing = framing;
    return [];
  }

  async #findOut(): Promise<Message[]> {
    const server = this.#server;
    const { framing, dialogue } = this.#spec;
    // A dialogue that has begun goes on where the server did not survive it.
    const notes = this.#notes = this.#dialogue === undefined ? await detect(server, framing) : this.#notes;
    if (this.#dialogue === undefined) {
      if (server.answersOnce) this.#hasAnsweredOnce();
      if (server.echoes || server.framing === undefined) return notes;
      this.#dialogue = findDialogue(server, dialogue);
    }
    await this.#dialogue?.begin();
    if (this.#dialogue?.isNone) this.#dialogue = undefined;
    if (this.#dialogue === undefined) return [...notes, ...styleNotes(server)];
    return [...notes, message("note_dialogue", { name: dialogue.name }), ...styleNotes(server)];
  }

  /** That was seen before the first check, which a server that ends of it does not come to. */
  #hasAnsweredOnce(): void {
    const { tasks } = this.#spec;
    if (tasks?.includes(CHECK_TASKS["many-messages"]) !== false && this.#server.echoes) {
      this.#outcomes.set("many-messages", answeredOnce(2));
    }
  }

  /** Whether to ask on after a question that the server did not survive; it has died so often. */
  async #survived(error: NotServed, deaths: number): Promise<boolean> {
    const { framing, program } = this.#spec;
    await program?.endsSoon();
    const death = program?.death;
    const { after } = error;
    const isBeforeDialogue = this.#dialogue === undefined;
    const most = error.how === "closed"
      ? MOST_CLOSED
      : after === undefined || !isBeforeDialogue
      ? MOST_DEATHS
      : MOST_LEFT;
    if (
      after !== undefined && (program === undefined || deaths >= (this.#server.echoes && isBeforeDialogue ? 2 : most))
    ) {
      // What was learned so far stays.
      this.#isGone = true;
      this.#blame(error);
      return false;
    }
    // What it does not survive is found by the checks; the questions that are left are asked once it runs again.
    if (program?.canRestart && deaths < most) {
      this.#isGone = true;
      if (isBeforeDialogue) {
        this.#server.framing = framing;
        this.#server.enter = undefined;
      }
      if (await this.#restart()) return true;
    }
    if (error.how === "refused" && program === undefined) throw error;
    if (error.how === "closed" && program === undefined && deaths < MOST_CLOSED) return true;
    this.#isLifeless = true;
    const isAtOnce = error.how === "closed";
    const outcome = death !== undefined
      ? failed(message(isAtOnce ? "why_dies_at_once" : "why_dies"), {
        received: message("died", { death: escapeText(death) }),
      })
      : failed(message(isAtOnce ? "why_closes_at_once" : "why_silent"), { received: message("ended") });
    this.#outcomes.set("many-messages", outcome);
    return false;
  }

  async do(check: Check): Promise<void> {
    const { id, needs = [], unfit } = check;
    for (let attempt = 1; !this.#outcomes.has(id); attempt++) {
      if (this.#spec.program?.hasEnded && !this.#isGone) {
        this.#isGone = true;
        this.#blame(new NotServed("refused", this.#server.lastLeave));
      }
      const blocker = needs.find((need) => this.#outcomes.get(need)?.status === "failed");
      const context = this.#context();
      const early = this.#spec.signal.aborted
        ? skipped("skip_time")
        : this.#isLifeless && !check.isClientless
        ? skipped("skip_lifeless")
        : this.#isGone && this.#terminal === undefined && !await this.#restart()
        ? this.#gone(id)
        : unfit?.(context) ??
          (blocker === undefined ? undefined : skipped("skip_blocked", { check: blocker }));
      if (early !== undefined) {
        this.#outcomes.set(id, early);
        return;
      }
      try {
        const outcome = await check.run(context);
        // What fails once everything is being closed is no fault of the server.
        const isCut = this.#spec.signal.aborted && outcome.status === "failed";
        this.#outcomes.set(id, isCut ? skipped("skip_time") : outcome);
      } catch (error) {
        if (this.#spec.signal.aborted) continue;
        if (error instanceof UsageError && error.code === "payload_not_encodable") {
          this.#outcomes.set(id, skipped("skip_small", { size: this.#server.framing?.capacity ?? 0 }));
          return;
        }
        if (!(error instanceof NotServed)) throw error;
        await this.#spec.program?.endsSoon();
        this.#isGone = true;
        this.#blame(error);
        if (attempt > 1 && !this.#outcomes.has(id)) this.#outcomes.set(id, skipped("skip_gone"));
      }
    }
    await this.#afterFailure(id);
  }

  /** What a failure means for the checks to come. */
  async #afterFailure(id: CheckId): Promise<void> {
    const outcome = this.#outcomes.get(id);
    if (outcome?.status !== "failed") return;
    this.#server.lastLeave = undefined;
    const { program } = this.#spec;
    const after = typeof outcome.received === "object" ? outcome.received.key : "";
    if (after === "not_served" && program?.canWatch) {
      // Why nobody is served is seen in the process, before it is started anew.
      if (await program.readsInput()) {
        this.#outcomes.set(id, { ...outcome, diagnosis: message("why_keyboard") });
      } else {
        const spins = await own.noSpin(this.#context());
        if (spins.status === "failed") this.#outcomes.set("no-spin", spins).set(id, skipped("skip_spin"));
      }
    }
    if (id !== "default-port" && id !== "port-fallback") await program?.endsSoon();
    // At a terminal another one was started: this one was ended for it.
    const death = this.#terminal === undefined ? program?.death : undefined;
    if (death) this.#outcomes.set(id, { ...outcome, received: message("died", { death: escapeText(death) }) });
    if (after === "not_served" || after === "refused" || death !== undefined) this.#isGone = true;
  }

  /** The outcome of a check whose server is not there any more. */
  #gone(id: CheckId): Outcome {
    if (!this.#isPortLeft) return skipped("skip_gone");
    return id === "port-fallback" ? failed(message("why_port_left")) : skipped("skip_port_left");
  }

  /** All outcomes, in the order of the report. */
  observations(): Observation[] {
    return CHECK_IDS.flatMap((id) => {
      const outcome = this.#outcomes.get(id);
      return outcome === undefined ? [] : [{ id, ...outcome }];
    });
  }

  #context(): Context {
    const { program, folder, tasks } = this.#spec;
    return {
      ...{ server: this.#server, program, dialogue: this.#dialogue, folder, isLifeless: this.#isLifeless },
      second: () => this.#second ??= program?.startAnother() ?? Promise.resolve({ port: undefined, output: "" }),
      terminal: () => this.#terminal ??= this.#atTerminal(),
      restart: async () => {
        this.#isGone = true;
        return await this.#restart();
      },
      isAskedFor: tasks !== undefined,
      isFound: this.#spec.framing === undefined,
      hasFailed: (id) => this.#outcomes.get(id)?.status === "failed",
    };
  }

  /** Nothing has happened but a client's leaving: that is what the server does not survive. */
  #blame(error: NotServed): void {
    if (error.after === undefined || this.#outcomes.get(error.after)?.status === "failed") return;
    const outcome = leaving.leftOutcome(error.after, message("closed"), error);
    const death = this.#spec.program?.death;
    const received = death ? { received: message("died", { death: escapeText(death) }) } : {};
    this.#outcomes.set(error.after, { ...outcome, ...received });
  }

  async #atTerminal(): ReturnType<Program["atTerminal"]> {
    this.#server.end();
    return await this.#spec.program?.atTerminal();
  }

  async #restart(): Promise<boolean> {
    const { program, signal } = this.#spec;
    if (program === undefined || !program.canRestart || signal.aborted) return false;
    if (this.#isPortLeft) return false;
    this.#server.end();
    if (!await program.restart()) {
      this.#isPortLeft = program.isPortLeft;
      return false;
    }
    this.#server.target = program.target;
    this.#server.lastLeave = undefined;
    this.#isGone = false;
    return true;
  }
}

function needsEcho({ server, dialogue }: Context): Outcome | undefined {
  const key: MessageKey = dialogue?.obstacle ?? (server.framing === undefined ? "skip_no_framing" : "skip_no_echo");
  return server.echoes ? undefined : skipped(key);
}

/** That a server never answers, or answers something else, is one failure, of the first check that needs an answer. */
function needsAnswer(context: Context): Outcome | undefined {
  const { server: { isSilent, framing, echoes, greeting, wrongReply }, dialogue } = context;
  if (echoes || dialogue?.obstacle !== undefined || dialogue?.isGuessed === false) {
    return needsEcho(context);
  }
  const sent = message("asked", { text: WORDS[0] });
  const heard = greeting.length > 0 ? greeting : utf8(wrongReply ?? "");
  // A page without a header is how a web server answers what is no request (HTTP/0.9).
  const protocol = /^\s*<(?:!doctype html|html)/i.test(textOf(heard)) ? "http" : looksLike(heard);
  const seen: Seen<Evidence> = { sent, received: shown(heard) };
  if (protocol !== null && protocol !== "text") {
    return failed(message("why_protocol", { protocol: protocolName(protocol) }), seen);
  }
  if (context.server.countsItself !== undefined) {
    return failed(message("why_counts_itself", { framing: context.server.countsItself }), {
      sent,
      received: message("nothing"),
    });
  }
  if (wrongReply !== undefined && !isSilent) {
    return failed(message("why_no_echo"), { ...seen, received: shown(utf8(wrongReply)) });
  }
  const why = framing === undefined || context.isFound
    ? message("why_silent")
    : message("why_silent_in", { framing: framing.name });
  return failed(why, { sent, received: message("nothing") });
}

function needsFrames(context: Context): Outcome | undefined {
  return context.server.framing?.hasBoundaries === false ? skipped("skip_raw") : needsEcho(context);
}

/** Without messages, and answered once, nobody can know where a large one ends. */
function needsConversation(context: Context): Outcome | undefined {
  const isOnce = context.hasFailed("many-messages") && context.server.framing?.hasBoundaries === false;
  return isOnce ? skipped("skip_blocked", { check: "many-messages" }) : needsEcho(context);
}

function needsHeader(context: Context): Outcome | undefined {
  const { framing, greeting, isFramed, echoes } = context.server;
  if (framing?.hasBoundaries === false && echoes && context.isAskedFor) return failed(message("why_no_header"));
  if (framing?.name === "line" || framing?.name === "u8") return skipped("skip_no_header", { framing: framing.name });
  if (framing !== undefined && !isFramed) {
    return failed(message("why_unframed", { framing: framing.name }), { received: shown(greeting) });
  }
  return needsFrames(context);
}

function needsProcess({ program, hasFailed }: Context): Outcome | undefined {
  if (program === undefined) return skipped("skip_needs_pid");
  if (!program.canWatch) return skipped("skip_no_proc");
  return hasFailed("no-spin") ? skipped("skip_spin") : undefined;
}

function needsCommand({ program }: Context): Outcome | undefined {
  return program?.canRestart ? undefined : skipped("skip_needs_command");
}
