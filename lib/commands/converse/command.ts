/**
 * `echo-client` without a command: converses with a person, or sends the messages of `-m` or of standard input.
 *
 * @module
 */
import { pipeline } from "../../client/pipeline.ts";
import type { Invocation } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { Values } from "../../cli/options.ts";
import { printError } from "../../cli/output.ts";
import { writeHistory } from "./history.ts";
import { type Opening, prepare } from "./opening.ts";
import type { CONVERSE_OPTIONS } from "./options.ts";
import { givenMessages, messagesOf } from "./messages.ts";
import { connectedText, echoOutput, mismatch, Output, outputFormat } from "./output.ts";
import { converseAtTerminal } from "./repl.ts";
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
  { t, ...values }: Pick<Values<typeof CONVERSE_OPTIONS>, "messages" | "hex" | "output" | "json" | "verbose"> & {
    readonly t: Translate;
  },
): Promise<void> {
  // What cannot be read is told before anything is sent.
  const messages = values.messages.length > 0
    ? await givenMessages(values.messages, values)
    : values.hex
    ? messagesOf(input, values)
    : input;
  const { conn, connectMs } = await opener.open();
  const { verbose } = values;
  if (verbose) printError(connectedText(config.target, connectMs, t));
  const output = new Output(Deno.stdout);
  const style = { format: outputFormat(values), isTerminal: Deno.stdout.isTerminal() };
  try {
    for await (const echo of pipeline(conn, messages, config)) {
      await output.add(...echoOutput(echo, style));
      if (echo.differsAt >= 0) throw mismatch(echo);
      if (verbose) {
        printError(t("client.echoed", { bytes: echo.received.length, ms: echo.rttMs.toFixed(2) }));
      }
    }
  } finally {
    await output.done();
  }
}
