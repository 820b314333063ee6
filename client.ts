import { TokenStore } from "./lib/client/token_store.ts";
import { byteLines } from "./lib/client/lines.ts";
import { pipeline } from "./lib/client/pipeline.ts";
import { runMeasureCommand } from "./lib/commands/bench/cli.ts";
import { MEASURE_COMMANDS, measureCommand } from "./lib/commands/bench/options.ts";
import { isCheck, runCheck } from "./lib/commands/check_server/cli.ts";
import { CLIENT_COMMANDS, clientCommand, type ClientConfig, clientConfig } from "./lib/commands/connection/config.ts";
import { CLIENT_OPTIONS } from "./lib/commands/connection/options.ts";
import { connectedText, echoOutput, mismatch, Output } from "./lib/commands/converse/output.ts";
import {
  GivenCredentials,
  passwordFrom,
  readPasswordFile,
  TerminalCredentials,
} from "./lib/commands/connection/credentials.ts";
import { environment } from "./lib/cli/environment.ts";
import { runExplainCommand } from "./lib/commands/explain/cli.ts";
import { isExplain } from "./lib/commands/explain/options.ts";
import { CLIENT_COMMAND_ROWS, CLIENT_EXAMPLES } from "./lib/cli/help.ts";
import { readHistory, stateDirectory, writeHistory } from "./lib/commands/converse/history.ts";
import { runLoginCommand } from "./lib/commands/converse/login_commands.ts";
import type { Translate } from "./lib/cli/messages.ts";
import { type CommandLine, nearest } from "./lib/cli/options.ts";
import { NetworkError } from "./lib/base/errors.ts";
import { converse } from "./lib/commands/converse/repl.ts";
import { SessionOpener } from "./lib/commands/connection/session_opener.ts";
import { canAsk, Terminal } from "./lib/cli/terminal.ts";
import { printError, runTool, standardInput } from "./lib/cli/tool.ts";

async function main(line: CommandLine<typeof CLIENT_OPTIONS>, t: Translate): Promise<number> {
  const state = stateDirectory(environment);
  const tokens = state === undefined ? undefined : new TokenStore(`${state}/sessions`);
  const { messages, register, passwordFile, passwordStdin, noInput } = line.values;
  const command = clientCommand(line);
  const isPerson = canAsk(noInput) && !passwordStdin;
  if (!isPerson) {
    const config = await clientConfig(line, undefined, t);
    const input = byteLines(standardInput(), config.maxFrame);
    const source = new GivenCredentials(await givenPassword(config, input), { register });
    const opener = new SessionOpener({ config, source, tokens, isPerson: false });
    if (command !== undefined) return await runLoginCommand(command, { opener, config, t });
    await exchange(config, opener, input, t);
    return 0;
  }
  const historyFile = state === undefined ? undefined : `${state}/history`;
  using resources = new DisposableStack();
  let opened: Terminal | undefined;
  // Nothing is asked where everything is known: then the terminal stays as it is.
  const terminal = (): Terminal => opened ??= resources.use(new Terminal(historyFile ? readHistory(historyFile) : []));
  const source = passwordFile === undefined
    ? new TerminalCredentials(terminal, t, { register })
    : new GivenCredentials(readPasswordFile(passwordFile), { register });
  const config = await clientConfig(line, messages.length > 0 ? undefined : terminal, t);
  const opener = new SessionOpener({ config, source, tokens, isPerson: messages.length === 0 });
  if (command !== undefined) return await runLoginCommand(command, { opener, config, t });
  if (messages.length > 0) {
    await exchange(config, opener, [], t);
    return 0;
  }
  try {
    await converse({ config, opener, terminal: terminal(), t });
  } finally {
    if (historyFile !== undefined) writeHistory(historyFile, terminal().history);
  }
  return 0;
}

/** `--udp`; nothing of it is loaded without. */
async function overUdp(line: CommandLine<typeof CLIENT_OPTIONS>, t: Translate): Promise<number> {
  const { exchangeOverUdp } = await import("./lib/commands/converse/udp.ts");
  return await exchangeOverUdp(line, t);
}

/** Sends the messages of `-m`, or else the lines of the input, and prints each echo. */
async function exchange(
  config: ClientConfig,
  opener: SessionOpener,
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  t: Translate,
): Promise<void> {
  const { conn, connectMs } = await opener.open();
  if (config.verbose) printError(connectedText(config.target, connectMs, t));
  const encoder = new TextEncoder();
  const messages = config.messages.length > 0 ? config.messages.map((text) => encoder.encode(text)) : input;
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

/** The password of a script: a file's first line, or that of the input, whose other lines are messages. */
async function givenPassword(config: ClientConfig, input: AsyncGenerator<Uint8Array>): Promise<string | undefined> {
  if (config.passwordFile !== undefined) return readPasswordFile(config.passwordFile);
  if (!config.passwordStdin) return undefined;
  const { value } = await input.next();
  return passwordFrom(value ?? new Uint8Array(0));
}

/** A host that is not there may be a mistyped command. */
function withHint(error: unknown, [word = ""]: readonly string[]): unknown {
  if (!(error instanceof NetworkError) || error.code !== "host_not_found" || /[.:]/.test(word)) return error;
  const command = nearest(word, [...CLIENT_COMMANDS, ...MEASURE_COMMANDS, "explain", "check"]);
  const details = command === undefined ? error.details : { ...error.details, nearest: `echo-client ${command}` };
  return new NetworkError(error.code, error.message, { details, cause: error });
}

/** A command with options of its own, or the tool itself. */
async function run(): Promise<number> {
  if (isCheck(Deno.args)) return await runCheck(Deno.args);
  // Only an examination starts programs.
  Deno.permissions.revokeSync({ name: "run" });
  const command = measureCommand(Deno.args);
  if (command !== undefined) return await runMeasureCommand(command, Deno.args);
  if (isExplain(Deno.args)) return await runExplainCommand(Deno.args);
  return await runTool(Deno.args, {
    tool: "client",
    options: CLIENT_OPTIONS,
    examples: CLIENT_EXAMPLES,
    commands: CLIENT_COMMAND_ROWS,
    main: async (line, texts) => {
      const t = await texts();
      try {
        return line.values.udp ? await overUdp(line, t) : await main(line, t);
      } catch (error) {
        throw withHint(error, line.positionals);
      }
    },
  });
}

if (import.meta.main) Deno.exit(await run());
