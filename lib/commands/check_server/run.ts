/**
 * The examination: every check in its turn, so that one mistake is one finding. A check that another failure makes
 * meaningless is skipped. A server that dies is started again; where that is not possible the rest is skipped.
 *
 * @module
 */
import type { Framing } from "../../framing/framing.ts";
import type { Target } from "../../net/dial.ts";
import { UsageError } from "../../base/errors.ts";
import { escapeText } from "../../base/text.ts";
import { passedAtOnce } from "./at_once.ts";
import { CHECKS } from "./checks.ts";
import type { Check, Context } from "./context.ts";
import { detectAfresh } from "./detect_afresh.ts";
import { causeOf, diedOf } from "./deaths.ts";
import { answersAtEnd, detect, isToldPacked } from "./detect.ts";
import { greetingText } from "./greeting.ts";
import { styleNotes } from "./learn_style.ts";
import type { Dialogue, DialogueOptions } from "./dialogue.ts";
import { packedAs } from "./echo_style.ts";
import { NotServed } from "./not_served.ts";
import { ServerUnderTest } from "./server_under_test.ts";
import { answeredOnce } from "./exchange_checks.ts";
import { findDialogue, held } from "./find_dialogue.ts";
import { findPacked } from "./packed_dialogue.ts";
import { CHECK_IDS, CHECK_TASKS, type CheckId } from "./ids.ts";
import * as leaving from "./leave_checks.ts";
import * as own from "./process_checks.ts";
import { NO_SECOND, type Program } from "./program.ts";
import { failed, type Message, message, type Observation, type Outcome, skipped } from "./messages.ts";

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

/** What is kept of what it printed before it was started anew, in UTF-16 units. */
const LAST_WORDS = 2000;

/**
 * Examines a server.
 *
 * @throws {NotServed} `refused`, when nothing listens to begin with.
 */
export async function examine(spec: CheckSpec): Promise<CheckResult> {
  const { signal, program, tasks } = spec;
  const pauses = await program?.pauses();
  using server = new ServerUnderTest({
    ...{ target: program?.target ?? spec.target, signal },
    ...pauses === undefined ? {} : { pauses },
    ...program === undefined ? {} : {
      isHeldUp: () => program.isHeldUp(),
      isAtRest: (limits) => program.isAtRest(limits),
      workDone: () => program.workDone(),
      wants: (most) => program.wants(most),
      prints: () => program.laterOutput,
      endsSoon: () => program.endsSoon(),
      hasEnded: () => program.hasEnded,
      spins: async () => (await own.workForNothing(program, signal)).spins,
      readsKeyboard: () => program.awaitsKeyboard(),
    },
  });
  // Who is at work before anybody has come is so whatever clients do.
  server.isBusyAlone = program?.canWatch === true && !await program.isAtRest("any") &&
    (await own.workForNothing(program, signal)).spins;
  const examination = new Examination(spec, server);
  const notes = await examination.begin();
  const checks = CHECKS.filter(({ id }) => tasks === undefined || tasks.includes(CHECK_TASKS[id]));
  for (const [at, check] of checks.entries()) {
    spec.onStep?.({ number: at + 1, count: checks.length, id: check.id });
    await examination.do(check);
    if (check.id === "many-messages" && server.isSlow) await examination.doAtOnce(checks);
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
      if (server.echoes) return notes;
      const afresh = this.#isSilentForNoReason() ? await detectAfresh(server, () => this.#startsAnew()) : undefined;
      if (afresh !== undefined) return afresh;
      const isObject = packedAs(greetingText(server)) === "JSON";
      this.#dialogue = isObject ? undefined : findDialogue(server, dialogue);
      if (isObject || server.greeting.length === 0) this.#dialogue ??= await this.#findPacked();
      if (isObject && !server.echoes) this.#dialogue ??= findDialogue(server, dialogue);
    }
    if (this.#dialogue !== undefined) this.#dialogue = await held(server, this.#dialogue);
    const more = styleNotes(server).filter(({ key }) => !notes.some((note) => note.key === key));
    if (this.#dialogue === undefined || server.enter === undefined || server.hangsUp && !server.echoes) {
      return [...notes, ...more];
    }
    return [...notes, message("note_dialogue", { name: dialogue.name }), ...more];
  }

  /** Whether nothing is known that makes a server answer nobody. */
  #isSilentForNoReason(): boolean {
    const { isSilent, isGiven, greeting, awaitsKeyboard, foreign, oddReply, countsItself, words } = this.#server;
    return isSilent && !isGiven && greeting.length === 0 && !awaitsKeyboard && foreign === undefined &&
      oddReply === undefined && countsItself === undefined && !answersAtEnd(this.#server) &&
      own.withoutTracebacks(words).exception === undefined && this.#spec.framing === undefined;
  }

  async #startsAnew(): Promise<boolean> {
    if (this.#spec.program?.canRestart !== true) return false;
    this.#isGone = true;
    return await this.#restart();
  }

  /** Speaks in objects to a server that has understood nothing else. */
  async #findPacked(): Promise<Dialogue | undefined> {
    const server = this.#server;
    const wasTold = isToldPacked(server);
    if (server.awaitsKeyboard) return undefined;
    const words = `${server.wrongReply ?? ""}\n${server.words}`;
    const found = await findPacked(server, { options: this.#spec.dialogue, words });
    server.hasBeenPacked = true;
    // The other questions were put off.
    if (found === undefined && wasTold && !server.echoes) this.#notes = await detect(server, this.#spec.framing);
    return found;
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
    // What it cannot decode is what it is sent, not that somebody has left.
    const isOfMessage = !this.#server.echoes && program !== undefined && causeOf(program) !== undefined;
    if (
      !isOfMessage && after !== undefined &&
      (program === undefined || deaths >= (this.#server.echoes && isBeforeDialogue ? 2 : most))
    ) {
      // What was learned so far stays.
      this.#isGone = true;
      this.#blame(error);
      return false;
    }
    this.#server.lastWords = this.#server.words.slice(-LAST_WORDS);
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
    this.#server.framing = framing;
    const isAtOnce = error.how === "closed";
    const outcome = death !== undefined
      ? failed(message(isAtOnce ? "why_dies_at_once" : "why_dies"), {
        received: message("died", { death: escapeText(death) }),
      })
      : failed(message(isAtOnce ? "why_closes_at_once" : "why_silent"), { received: message("ended") });
    this.#outcomes.set("many-messages", outcome);
    return false;
  }

  /** Does what a server that takes its time can be asked at once, where it serves many clients. */
  async doAtOnce(checks: readonly Check[]): Promise<void> {
    const { program, signal } = this.#spec;
    for (const check of checks.filter(({ id }) => id === "leave-close" || id === "many-clients")) await this.do(check);
    if (this.#outcomes.get("many-clients")?.status !== "passed") return;
    if (this.#isGone || this.#server.enter !== undefined || !program?.canRestart || signal.aborted) return;
    for (const [id, outcome] of await passedAtOnce(checks, this.#context())) this.#outcomes.set(id, outcome);
    // What it died of is found where each is done by itself.
    this.#isGone = await program.endsSoon();
  }

  async do(check: Check): Promise<void> {
    const { id, needs = [], unfit } = check;
    for (let attempt = 1; !this.#outcomes.has(id); attempt++) {
      if (this.#spec.program?.hasEnded && !this.#isGone) {
        this.#isGone = true;
        // For the terminal it was ended here.
        if (this.#terminal === undefined) this.#blame(new NotServed("refused", this.#server.lastLeave));
      }
      const blocker = needs.find((need) => this.#outcomes.get(need)?.status === "failed");
      const context = this.#context();
      const early = this.#spec.signal.aborted
        ? skipped("skip_time")
        : (this.#isLifeless || this.#server.awaitsKeyboard && id !== "many-messages") && !check.isClientless
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
        this.#outcomes.set(id, isCut ? skipped("skip_time") : this.#served(id, outcome));
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
        if (error.how === "silent") await this.#findsSpin();
        if (attempt > 1 && !this.#outcomes.has(id)) this.#outcomes.set(id, skipped("skip_gone"));
      }
    }
    await this.#afterFailure(id);
  }

  /** That the system accepts a client does not show that a server which answers nobody has survived the one before. */
  #served(id: CheckId, outcome: Outcome): Outcome {
    const isNobody = this.#server.isSilent && this.#outcomes.get("many-messages")?.status === "failed";
    const isPassed = outcome.status === "passed" && id.startsWith("leave-");
    return isNobody && isPassed ? skipped("skip_blocked", { check: "many-messages" }) : outcome;
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
        if (await this.#findsSpin()) this.#outcomes.set(id, skipped("skip_spin"));
      }
    }
    // Who spins once a client has left serves nobody else.
    if (this.#server.isSpinning && after === "answered_some") this.#isGone = true;
    this.#server.isSpinning ||= this.#outcomes.get("no-spin")?.status === "failed";
    if (id !== "default-port" && id !== "port-fallback") await program?.endsSoon();
    // At a terminal another one was started: this one was ended for it.
    const death = this.#terminal === undefined ? program?.death : undefined;
    if (death) this.#outcomes.set(id, diedOf(id, outcome, { program, server: this.#server }));
    if (after === "not_served" || after === "refused" || death !== undefined) this.#isGone = true;
  }

  /** Whether a server that serves nobody is at work for nothing, which is the failure then. */
  async #findsSpin(): Promise<boolean> {
    if (!this.#spec.program?.canWatch || this.#spec.program.hasEnded) return false;
    const spins = await own.noSpin(this.#context());
    if (spins.status !== "failed") return false;
    this.#server.isSpinning = this.#server.isStuckSpinning = true;
    this.#outcomes.set("no-spin", spins);
    return true;
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
      second: () => this.#second ??= program?.startAnother() ?? Promise.resolve(NO_SECOND),
      terminal: async () => (await this.#second)?.isUnasked ? new Map() : await (this.#terminal ??= this.#atTerminal()),
      restart: () => this.#startsAnew(),
      isAskedFor: tasks !== undefined,
      isFound: this.#spec.framing === undefined,
      hasFailed: (id) => this.#outcomes.get(id)?.status === "failed",
    };
  }

  /** Nothing has happened but a client's leaving: that is what the server does not survive. */
  #blame(error: NotServed): void {
    // Who has forgotten everybody lets nobody in, however the last client left.
    if (this.#outcomes.get("remembers-password")?.status === "failed") return;
    if (error.after === undefined || this.#outcomes.get(error.after)?.status === "failed") return;
    const outcome = leaving.leftOutcome(error.after, message("closed"), error);
    this.#outcomes.set(
      error.after,
      diedOf(error.after, outcome, { program: this.#spec.program, server: this.#server }),
    );
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
    this.#server.connections = 0;
    this.#isGone = false;
    return true;
  }
}
