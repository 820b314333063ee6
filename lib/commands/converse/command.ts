/**
 * `echo-client` without a command: converses with a person, or sends the messages of `-m` or of standard input.
 *
 * @module
 */
import { figuresIn } from "../../cli/format.ts";
import type { Lines } from "../../client/lines.ts";
import { pipelineBatches } from "../../client/pipeline.ts";
import type { Invocation } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { Values } from "../../cli/options.ts";
import { printError } from "../../cli/output.ts";
import { Progress, UNTOLD } from "../../cli/progress.ts";
import { writeHistory } from "./history.ts";
import { type Opening, prepare } from "./opening.ts";
import type { CONVERSE_OPTIONS } from "./options.ts";
import { givenMessages, messageFrom, type MessageStyle } from "./messages.ts";
import { connectedText, echoesOutput, mismatch, Output, outputFormat } from "./output.ts";
import type { ConverseKey, Translate } from "./texts.ts";

/** Runs the conversation; resolves to the exit code. */
export async function converseCommand(
  { line, texts }: Invocation<typeof CONVERSE_OPTIONS, ConverseKey>,
): Promise<number> {
  const t = await texts();
  const { messages, udp, hex, quiet, noReconnect } = line.values;
  if (udp) {
    const { exchangeOverUdp } = await import("./udp.ts");
    return await exchangeOverUdp(line, t);
  }
  using opening = await prepare(line, { t, asksAddress: messages.length === 0 });
  const { config, opener, terminal, isPerson, historyFile } = opening;
  if (!isPerson || messages.length > 0) {
    await exchange(opening, { ...line.values, t });
    return EXIT.ok;
  }
  const { converseAtTerminal } = await import("./repl.ts");
  try {
    await converseAtTerminal({
      config: { ...config, hex, quiet, noReconnect, format: outputFormat(line.values) },
      opener,
      terminal: terminal(),
      t,
    });
  } finally {
    if (historyFile !== undefined) writeHistory(historyFile, terminal().history);
  }
  return EXIT.ok;
}

/** Sends the messages of `-m`, or else the lines of the input, and prints each echo. */
async function exchange(
  { config, opener, input }: Opening,
  { t, ...values }:
    & Pick<Values<typeof CONVERSE_OPTIONS>, "messages" | "hex" | "output" | "json" | "verbose" | "quiet">
    & {
      readonly t: Translate;
    },
): Promise<void> {
  // What cannot be read is told before anything is sent.
  const batches = values.messages.length > 0
    ? oneAfterOther(await givenMessages(values.messages, values))
    : inBatches(input, values);
  const { conn, connectMs } = await opener.open();
  const { verbose } = values;
  if (verbose) printError(connectedText(config.target, connectMs, t));
  const output = new Output(Deno.stdout);
  using progress = new Progress({ after: UNTOLD, quiet: values.quiet || verbose || Deno.stdout.isTerminal() });
  const style = { format: outputFormat(values), isTerminal: Deno.stdout.isTerminal() };
  try {
    for await (const echoes of pipelineBatches(conn, batches, config)) {
      const wrong = echoes.findIndex(({ differsAt }) => differsAt >= 0);
      const shown = wrong < 0 ? echoes : echoes.slice(0, wrong + 1);
      const last = shown.at(-1);
      const error = wrong < 0 || last === undefined ? undefined : mismatch(last);
      // A server's question is no reply to a message.
      if (error?.code === "greeted") throw error;
      await output.add(echoesOutput(shown, style));
      for (const { received, rttMs } of verbose ? shown : []) {
        printError(t("client.echoed", { bytes: received.length, ms: figuresIn(t.language).fixed(rttMs, 2) }));
      }
      progress.show(() => t("client.progress", { count: last?.number ?? 0 }));
      if (error !== undefined) throw error;
    }
  } finally {
    await output.done();
  }
}

async function* oneAfterOther(messages: readonly Uint8Array[]): AsyncGenerator<readonly Uint8Array[]> {
  for (const message of messages) yield await Promise.resolve([message]);
}

async function* inBatches(input: Lines, style: MessageStyle): AsyncGenerator<readonly Uint8Array[]> {
  for await (const lines of input.batches()) {
    yield style.hex ? lines.map((line) => messageFrom(line, style)) : lines;
  }
}
