import { pipeline } from "./lib/client/pipeline.ts";
import { connect } from "./lib/client/connect.ts";
import { byteLines } from "./lib/client/lines.ts";
import { type ClientConfig, clientConfig } from "./lib/cli/client_config.ts";
import { CLIENT_OPTIONS } from "./lib/cli/client_options.ts";
import { connectedText, echoOutput, mismatch, Output } from "./lib/cli/client_output.ts";
import { environment } from "./lib/cli/environment.ts";
import { CLIENT_EXAMPLES } from "./lib/cli/help.ts";
import { readHistory, stateDirectory, writeHistory } from "./lib/cli/history.ts";
import type { Translate } from "./lib/cli/messages.ts";
import type { CommandLine } from "./lib/cli/options.ts";
import { converse } from "./lib/cli/repl.ts";
import { canAsk, Terminal } from "./lib/cli/terminal.ts";
import { printError, runTool } from "./lib/cli/tool.ts";

async function main(line: CommandLine<typeof CLIENT_OPTIONS>, t: Translate): Promise<number> {
  const isPerson = canAsk(line.values.noInput);
  if (!isPerson || line.values.messages.length > 0) {
    await exchange(await clientConfig(line, undefined, t), t);
    return 0;
  }
  const state = stateDirectory(environment);
  const historyFile = state === undefined ? undefined : `${state}/history`;
  using terminal = new Terminal(historyFile === undefined ? [] : readHistory(historyFile));
  const config = await clientConfig(line, terminal, t);
  try {
    await converse({ config, terminal, output: new Output(Deno.stdout), t });
  } finally {
    if (historyFile !== undefined) writeHistory(historyFile, terminal.history);
  }
  return 0;
}

/** Sends the messages of `-m`, or else the lines of standard input, and prints each echo. */
async function exchange(config: ClientConfig, t: Translate): Promise<void> {
  const before = performance.now();
  const conn = await connect(config.target, config);
  if (config.verbose) printError(connectedText(config.target, before, t));
  const messages = config.messages.length > 0
    ? config.messages.map((message) => new TextEncoder().encode(message))
    : byteLines(Deno.stdin.readable, config.maxFrame);
  const output = new Output(Deno.stdout);
  const style = { json: config.json, isTerminal: Deno.stdout.isTerminal() };
  try {
    for await (const echo of pipeline(conn, messages, config)) {
      await output.add(...echoOutput(echo, style));
      if (echo.differsAt >= 0) throw mismatch(echo);
      if (config.verbose) {
        printError(t("client.echoed", { bytes: echo.received.length, ms: echo.rttMs.toFixed(2) }));
      }
    }
  } finally {
    await output.done();
  }
}

if (import.meta.main) {
  Deno.exit(await runTool(Deno.args, { tool: "client", options: CLIENT_OPTIONS, examples: CLIENT_EXAMPLES, main }));
}
