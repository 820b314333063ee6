/**
 * The conversation at a terminal: a prompt, a message, its echo and how long it took.
 *
 * @module
 */
import { figuresIn } from "../../cli/format.ts";
import { Conversation, type ConversationEvent } from "../../client/conversation.ts";
import type { FramedConn } from "../../framed_conn.ts";
import type { Framing } from "../../framing/framing.ts";
import { NetworkError, StorageError, UsageError } from "../../base/errors.ts";
import { displayBytes } from "../../base/text.ts";
import type { Values } from "../../cli/options.ts";
import type { SessionConfig } from "../connection/config.ts";
import type { CONVERSE_OPTIONS } from "./options.ts";
import { connectedText, echoOutput, mismatch, type OutputFormat } from "./output.ts";
import { COMMANDS, readLine, type Typed } from "./repl_commands.ts";
import { explainError } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";
import type { SessionOpener } from "../connection/session_opener.ts";
import { InputEnded } from "../../cli/input_ended.ts";
import type { Terminal } from "../../cli/terminal.ts";

/** What the conversation at a terminal needs. */
interface ReplOptions {
  readonly config: SessionConfig & Pick<Values<typeof CONVERSE_OPTIONS>, "hex" | "quiet" | "noReconnect"> & {
    readonly format: OutputFormat;
  };
  readonly opener: SessionOpener;
  readonly terminal: Terminal;
  readonly t: Translate;
}

/**
 * Converses until Ctrl-D.
 *
 * @throws {InputEnded} on Ctrl-C.
 * @throws {ProtocolError} `echo_mismatch`, at the end, when an echo was not what had been sent.
 */
export async function converseAtTerminal(options: ReplOptions): Promise<void> {
  const repl = new Repl(options);
  await repl.run();
  if (repl.wrong !== undefined) throw repl.wrong;
}

/** One conversation with a person, over one connection after the other. */
class Repl {
  readonly #options: ReplOptions;
  readonly #isTerminal = Deno.stdout.isTerminal();
  readonly #stats = { count: 0, bytes: 0, sumMs: 0, minMs: Infinity, maxMs: 0 };
  #format: OutputFormat;
  #framing: Framing;
  /** Messages that were typed and have no echo yet. */
  #pending = 0;
  #isConnected = true;
  /** The first echo that was not what had been sent. */
  wrong: Error | undefined;

  constructor(options: ReplOptions) {
    this.#options = options;
    this.#format = options.config.format;
    this.#framing = options.config.framing;
  }

  async run(): Promise<void> {
    const { config, terminal, t } = this.#options;
    let conversation = await this.#open(config.quiet ? "quiet" : "first");
    try {
      for (;;) {
        const line = await Promise.race([terminal.nextLine("> "), conversation.finished]);
        if (line === undefined) break;
        const typed = await readLine(line, config).catch((error) => explain(error, terminal, t));
        if (typed === undefined) continue;
        if (typed.type === "quit") return this.#sayGoodbye();
        if (typed.type === "framing" || typed.type === "reconnect") {
          if (typed.type === "framing") this.#framing = typed.framing;
          conversation.close();
          conversation = await this.#open("again");
        } else if (typed.type === "messages") {
          const said = this.#say(conversation, typed).catch((error) => explain(error, terminal, t));
          await Promise.race([said, terminal.ended]);
        } else this.#answer(typed.type);
      }
    } catch (error) {
      if (!(error instanceof InputEnded) || error.by === "interrupt") throw error;
      if (this.#pending > 0 && !this.#isConnected) {
        throw new NetworkError("closed_by_peer", "The server is gone: messages have no answer", {
          details: { pending: this.#pending },
        });
      }
      this.#sayGoodbye();
    } finally {
      conversation.close();
    }
  }

  async #open(told: "quiet" | "first" | "again"): Promise<Conversation> {
    const { config, opener, terminal, t } = this.#options;
    const { timeout, noReconnect } = config;
    const way = opener.with({ framing: this.#framing });
    let connectMs = 0;
    const connect = async (): Promise<FramedConn> => {
      const { conn, result, ...session } = await way.open();
      connectMs = session.connectMs;
      if (result !== undefined) terminal.note(t("login.server_says", { text: result.text }));
      return conn;
    };
    const conversation = await Conversation.open({
      ...{ connect, framing: this.#framing, timeout, reconnect: !noReconnect },
      onEvent: (event) => this.#show(event),
    });
    const how = told === "first" ? ` ${t("client.how_to")}` : "";
    if (told !== "quiet") terminal.note(`${connectedText(config.target, connectMs, t)}${how}`);
    return conversation;
  }

  async #say(conversation: Conversation, { messages, times }: Extract<Typed, { type: "messages" }>): Promise<void> {
    this.#pending = times * messages.length;
    try {
      for (let time = 0; time < times; time++) {
        for (const message of messages) await conversation.say(message);
      }
    } finally {
      this.#pending = 0;
    }
  }

  #show(event: ConversationEvent): void {
    const { config: { quiet }, terminal, t } = this.#options;
    if (event.type === "echo") {
      const { echo } = event;
      const stats = this.#stats;
      this.#pending--;
      stats.count++;
      stats.bytes += echo.received.length;
      stats.sumMs += echo.rttMs;
      stats.minMs = Math.min(stats.minMs, echo.rttMs);
      stats.maxMs = Math.max(stats.maxMs, echo.rttMs);
      terminal.above(() => writeSync(echoOutput(echo, { format: this.#format, isTerminal: this.#isTerminal })));
      if (echo.differsAt >= 0) this.wrong ??= mismatch(echo);
    }
    if (event.type === "lost" || event.type === "reconnected") this.#isConnected = event.type === "reconnected";
    const isEcho = event.type === "echo" && event.echo.differsAt < 0;
    if (!(isEcho && (this.#format === "json" || quiet))) terminal.note(eventText(event, t));
  }

  #answer(what: "help" | "stats" | "hex"): void {
    const { config, terminal, t } = this.#options;
    if (what === "hex") {
      this.#format = this.#format !== "hex" ? "hex" : config.format === "hex" ? "text" : config.format;
      return terminal.note(t("repl.hex", { format: this.#format }));
    }
    if (what === "help") {
      for (const [name, operand] of Object.entries(COMMANDS)) {
        terminal.note(`  ${`${name} ${operand}`.padEnd(18)} ${t.find(`repl.help.${name.slice(1)}`) ?? ""}`);
      }
      return terminal.note(`  ${"//TEXT".padEnd(18)} ${t("repl.help.slash")}`);
    }
    const { count, bytes, sumMs, minMs, maxMs } = this.#stats;
    const ms = (value: number): string => count === 0 ? "–" : figuresIn(t.language).fixed(value, 2);
    terminal.note(t("repl.stats", { count, bytes, min: ms(minMs), mean: ms(sumMs / count), max: ms(maxMs) }));
  }

  #sayGoodbye(): void {
    const { terminal, t } = this.#options;
    terminal.note(t("client.bye", { count: this.#stats.count }));
  }
}

/** What cannot be sent or done is explained, and the next line may be better; any other error is thrown on. */
function explain(error: unknown, terminal: Terminal, t: Translate): undefined {
  const isExplained = error instanceof StorageError ||
    (error instanceof UsageError &&
      /^(payload_not_encodable|unknown_command|missing_value|bad_value)$/.test(error.code));
  if (!isExplained) throw error;
  const text = explainError(error, t);
  terminal.note(text.charAt(0).toUpperCase() + text.slice(1));
}

/** Data before its note: both appear on the same terminal. */
function writeSync(parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    for (let at = 0; at < part.length;) at += Deno.stdout.writeSync(part.subarray(at));
  }
}

function eventText(event: ConversationEvent, t: Translate): string {
  switch (event.type) {
    case "echo": {
      const { received, sent, rttMs, differsAt } = event.echo;
      if (differsAt < 0) {
        return t("client.echoed", { bytes: received.length, ms: figuresIn(t.language).fixed(rttMs, 2) });
      }
      return t("client.differs", { offset: differsAt, sent: sent.length, received: received.length });
    }
    case "unexpected":
      return t("client.unexpected", { text: displayBytes(event.payload) });
    case "lost": {
      const isReset = event.error instanceof NetworkError && event.error.code === "reset";
      return t("client.lost", { reason: t(isReset ? "client.lost.reset" : "client.lost.closed") });
    }
    case "retry":
      return t("client.retry", { attempt: event.attempt, seconds: event.delayMs / 1000 });
    case "reconnected":
      return event.resent === 0
        ? t("client.reconnected")
        : `${t("client.reconnected")} ${t("client.resent", { count: event.resent })}`;
  }
}
