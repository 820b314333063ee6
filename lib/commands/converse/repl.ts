/**
 * The conversation at a terminal: a prompt, a message, its echo and how long it took.
 *
 * @module
 */
import { Conversation, type ConversationEvent } from "../../client/conversation.ts";
import type { FramedConn } from "../../framed_conn.ts";
import { NetworkError, UsageError } from "../../base/errors.ts";
import { displayBytes } from "../../base/text.ts";
import type { Values } from "../../cli/options.ts";
import type { SessionConfig } from "../connection/config.ts";
import type { CONVERSE_OPTIONS } from "./options.ts";
import { messageOf } from "./messages.ts";
import { connectedText, echoOutput, mismatch, type OutputFormat } from "./output.ts";
import { explainError } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";
import type { SessionOpener } from "../connection/session_opener.ts";
import { InputEnded } from "../../cli/input_ended.ts";
import type { Terminal } from "../../cli/terminal.ts";

/** What the conversation at a terminal needs. */
export interface ReplOptions {
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
export async function converseAtTerminal({ config, opener, terminal, t }: ReplOptions): Promise<void> {
  let wrong: Error | undefined;
  const isTerminal = Deno.stdout.isTerminal();
  const onEvent = (event: ConversationEvent): void => {
    if (event.type === "echo") {
      terminal.above(() => writeSync(echoOutput(event.echo, { format: config.format, isTerminal })));
      if (event.echo.differsAt >= 0) wrong ??= mismatch(event.echo);
    }
    const isEcho = event.type === "echo" && event.echo.differsAt < 0;
    if (!(isEcho && (config.format === "json" || config.quiet))) terminal.note(eventText(event, t));
  };
  const { framing, timeout, noReconnect } = config;
  let connectMs = 0;
  const open = async (): Promise<FramedConn> => {
    const { conn, result, ...session } = await opener.open();
    connectMs = session.connectMs;
    if (result !== undefined) terminal.note(t("login.server_says", { text: result.text }));
    return conn;
  };
  const conversation = await Conversation.open({ connect: open, framing, timeout, reconnect: !noReconnect, onEvent });
  if (!config.quiet) terminal.note(`${connectedText(config.target, connectMs, t)} ${t("client.how_to")}`);
  try {
    for (;;) {
      const line = await Promise.race([terminal.nextLine("> "), conversation.finished]);
      if (line === undefined) break;
      const said = Promise.try(() => conversation.say(messageOf(line, config)));
      await Promise.race([said, terminal.ended]).catch((error) => explainUnsendable(error, terminal, t));
    }
  } catch (error) {
    if (!(error instanceof InputEnded) || error.by === "interrupt") throw error;
    terminal.note(t("client.bye", { count: conversation.count }));
  } finally {
    conversation.close();
  }
  if (wrong !== undefined) throw wrong;
}

/** A message that cannot be sent is explained, and the next line may be better; any other error is thrown on. */
function explainUnsendable(error: unknown, terminal: Terminal, t: Translate): void {
  if (!(error instanceof UsageError && /^(payload_not_encodable|bad_value)$/.test(error.code))) throw error;
  terminal.note(explainError(error, t));
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
      if (differsAt < 0) return t("client.echoed", { bytes: received.length, ms: rttMs.toFixed(2) });
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
