/**
 * `echo-client --udp`: each message a datagram, and what became of it.
 *
 * @module
 */
import { type DatagramEvent, exchangeDatagrams } from "../../client/udp.ts";
import { UsageError } from "../../base/errors.ts";
import { escapeJson } from "../../base/text.ts";
import { prepare } from "./opening.ts";
import type { CONVERSE_OPTIONS } from "./options.ts";
import { givenMessages, messagesOf } from "./messages.ts";
import { echoOutput, Output, outputFormat } from "./output.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { Translate } from "./texts.ts";
import type { CommandLine, Values } from "../../cli/options.ts";
import { InputEnded } from "../../cli/input_ended.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { printError } from "../../cli/output.ts";

/** How long the client waits for a datagram's echo, in ms, without `--timeout`: what is lost does not come later. */
const DATAGRAM_TIMEOUT = 1000;

/** How many datagrams went which way. */
type Tally = Record<DatagramEvent["type"], number>;

/**
 * Sends the messages of `-m`, or else lines as they come, and prints each echo.
 *
 * @returns The exit code: 75 when a datagram was lost, 76 when one came back cut.
 * @throws {UsageError} `udp_usage`
 */
export async function exchangeOverUdp(line: CommandLine<typeof CONVERSE_OPTIONS>, t: Translate): Promise<number> {
  checkUdp(line);
  using opening = await prepare(line, { t, asksAddress: line.values.messages.length === 0 });
  const { config: { target, family, source, timeout: limit }, isPerson } = opening;
  const { messages, json, verbose } = line.values;
  const terminal = isPerson && messages.length === 0 ? opening.terminal() : undefined;
  if (target.transport === "unix") throw refusal("udp_no_host", `unix:${target.path}`);
  const timeout = line.source("timeout") !== undefined ? limit : DATAGRAM_TIMEOUT;
  const tally: Tally = { echo: 0, cut: 0, lost: 0, late: 0, again: 0, unexpected: 0 };
  const output = new Output(Deno.stdout);
  const show = async (event: DatagramEvent): Promise<void> => {
    tally[event.type]++;
    const data = dataOf(event, line.values);
    if (terminal === undefined) await output.add(...data).then(() => output.done());
    else if (data.length > 0) terminal.above(() => data.forEach((part) => Deno.stdout.writeSync(part)));
    const note = noteOn(event, timeout, t);
    if (note !== undefined && !json) (terminal?.note.bind(terminal) ?? printError)(note);
  };
  const payloads = messages.length > 0
    ? await givenMessages(messages, line.values)
    : messagesOf(terminal === undefined ? opening.input : typed(terminal), line.values);
  for await (
    const event of exchangeDatagrams(payloads, { ...target, family, source, timeout })
  ) await show(event);
  const { echo: whole, cut, lost } = tally;
  if (verbose || lost + cut > 0) printError(t("client.udp.sum", { sent: whole + cut + lost, whole, cut, lost }));
  return lost > 0 ? EXIT.timeout : cut > 0 ? EXIT.protocol : EXIT.ok;
}

/** What datagrams cannot have: a log-in, TLS. */
function checkUdp(line: CommandLine<typeof CONVERSE_OPTIONS>): void {
  const { tls, mode, user, register, passwordFile, passwordStdin } = line.values;
  if (tls) throw refusal("udp_no_tls", "--tls");
  const wants = { [`--mode ${mode}`]: mode !== undefined && mode !== "echo", "--user": user, "--register": register };
  const secrets = { "--password-file": passwordFile, "--password-stdin": passwordStdin };
  const wanted = Object.entries({ ...wants, ...secrets }).find(([, value]) => value !== undefined && value !== false);
  if (wanted !== undefined) throw refusal("udp_no_dialogue", wanted[0]);
}

function refusal(problem: string, option: string): UsageError {
  return new UsageError("udp_usage", `Cannot use --udp with ${option}`, { details: { problem, option } });
}

async function* typed(terminal: Terminal): AsyncGenerator<Uint8Array> {
  try {
    for (;;) yield new TextEncoder().encode(await terminal.nextLine("> "));
  } catch (error) {
    if (!(error instanceof InputEnded) || error.by === "interrupt") throw error;
  }
}

/** What standard output gets: what came back; with `--json`, everything that happened. */
function dataOf(event: DatagramEvent, values: Values<typeof CONVERSE_OPTIONS>): Uint8Array[] {
  const style = { format: outputFormat(values), isTerminal: Deno.stdout.isTerminal() };
  if (event.type === "echo" || event.type === "cut") return echoOutput(event.echo, style);
  if (style.format !== "json") return [];
  const { type } = event;
  const what = type === "unexpected" ? { bytes: event.received.length } : { number: event.number };
  return [new TextEncoder().encode(`${escapeJson(JSON.stringify({ event: type, ...what }))}\n`)];
}

/** What is said of a datagram that did not simply come back. */
function noteOn(event: DatagramEvent, timeout: number, t: Translate): string | undefined {
  switch (event.type) {
    case "echo":
      return undefined;
    case "cut": {
      const { number, sent, received } = event.echo;
      return t("client.udp.cut", { number, received: received.length, sent: sent.length });
    }
    case "lost":
      return t("client.udp.lost", { number: event.number, ms: timeout });
    case "unexpected":
      return t("client.udp.unexpected", { bytes: event.received.length });
    case "late":
      return t("client.udp.late", { number: event.number });
    case "again":
      return t("client.udp.again", { number: event.number });
  }
}
