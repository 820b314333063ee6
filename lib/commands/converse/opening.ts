/**
 * What conversing and logging in begin with: who is there to answer, which server is meant, who the user is.
 *
 * @module
 */
import { isStandardInput } from "../../base/files.ts";
import { GREETING_WAIT } from "../../base/limits.ts";
import { Lines } from "../../client/lines.ts";
import { KnownServers } from "../../client/known_servers.ts";
import { TokenStore } from "../../client/token_store.ts";
import type { CommandLine, Values } from "../../cli/options.ts";
import { environment } from "../../cli/environment.ts";
import { stateDirectory } from "../../cli/state.ts";
import { canAsk, printError, standardInput } from "../../cli/output.ts";
import { Progress, secondsSince, UNTOLD } from "../../cli/progress.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { explainError } from "../../cli/texts.ts";
import { targetFrom } from "../../cli/values.ts";
import type { CredentialSource } from "../../protocol/client_dialogue.ts";
import { givenAddress, type SessionConfig, sessionConfig, type SessionValues } from "../connection/config.ts";
import {
  GivenCredentials,
  passwordFrom,
  readInvitation,
  readPasswordFile,
  TerminalCredentials,
} from "../connection/credentials.ts";
import { ADDRESS_OPTIONS } from "../connection/options.ts";
import { SessionOpener } from "../connection/session_opener.ts";
import { type Target, targetText } from "../../net/dial.ts";
import { readHistory } from "./history.ts";
import { complete } from "./repl_commands.ts";
import type { Translate } from "./texts.ts";

/** As {@linkcode GREETING_WAIT} for a script: without it a server's question for the name is answered by the first message. */
const SCRIPT_GREETING_WAIT = 50;

const EMPTY = new Uint8Array(0);

/** The line of a command that opens sessions. */
interface OpeningLine {
  readonly values: SessionValues & Values<typeof ADDRESS_OPTIONS> & {
    readonly noInput?: boolean;
    readonly quiet?: boolean;
  };
  readonly positionals: readonly string[];
  readonly source: CommandLine<typeof ADDRESS_OPTIONS>["source"];
}

/** See the module. Gives the terminal back at its end. */
export interface Opening extends Disposable {
  readonly config: SessionConfig;
  readonly opener: SessionOpener;
  /** Whether a person is there to answer. */
  readonly isPerson: boolean;
  /** Opened when it is first wanted: where nothing is asked, it stays as it is. */
  readonly terminal: () => Terminal;
  /** Lines of standard input, behind the password where that comes first. */
  readonly input: Lines;
  /** Where what was typed is kept; none where there is no home. */
  readonly historyFile: string | undefined;
}

/**
 * Prepares a command that opens sessions.
 *
 * @param asksAddress Whether a person is asked for host and port where they were not given.
 * @throws {UsageError} `bad_value`, `tls_usage`
 * @throws {ConfigError} `bad_tls_file`, `bad_secret_file`
 * @throws {InputEnded} when a question is left by Ctrl-C or Ctrl-D.
 */
export async function prepare(
  line: OpeningLine,
  { t, asksAddress }: { readonly t: Translate; readonly asksAddress: boolean },
): Promise<Opening> {
  const { values } = line;
  const { invite, register = invite !== undefined, noInput = false } = values;
  const isInput = values.passwordFile !== undefined && isStandardInput(values.passwordFile);
  const passwordFile = isInput ? undefined : values.passwordFile;
  const passwordStdin = isInput || values.passwordStdin === true;
  const isPerson = canAsk(noInput) && !passwordStdin;
  const state = stateDirectory(environment);
  const historyFile = state === undefined ? undefined : `${state}/history`;
  const resources = new DisposableStack();
  let opened: Terminal | undefined;
  // Scripts do without: it brings the modules of Node.js for lines and streams.
  const module = isPerson ? await import("../../cli/terminal.ts") : undefined;
  const terminal = (): Terminal => {
    if (module === undefined) throw new TypeError("nobody is there to be asked");
    return opened ??= resources.use(
      new module.Terminal({ history: historyFile ? readHistory(historyFile) : [], complete }),
    );
  };
  try {
    const target = await targetOf(line, isPerson && asksAddress ? { terminal, t } : undefined);
    const config = sessionConfig(values, target);
    const input = new Lines(standardInput(), values.maxFrame);
    const credentials = async (): Promise<CredentialSource> => {
      // The password of a script is the first line of the input, an invitation the next, all others are messages.
      const first = passwordStdin && passwordFile === undefined ? passwordFrom(await input.next() ?? EMPTY) : undefined;
      const invitation = invite === undefined ? undefined : await readInvitation(invite, () => input.next());
      const choice = { register, invitation };
      if (passwordFile !== undefined) return new GivenCredentials(readPasswordFile(passwordFile), choice);
      return isPerson ? new TerminalCredentials(terminal, t, choice) : new GivenCredentials(first, choice);
    };
    return {
      ...{ config, isPerson, terminal, input, historyFile },
      opener: new SessionOpener({
        ...{ config, source: await credentials() },
        greetingWait: isPerson && asksAddress ? GREETING_WAIT : SCRIPT_GREETING_WAIT,
        tokens: state === undefined ? undefined : new TokenStore(`${state}/sessions`),
        known: state === undefined ? undefined : new KnownServers(`${state}/known_servers.json`),
        showWaiting: waitingIn(t, targetText(target), values.quiet === true),
        onUnkept: (error) => printError(t("login.unkept", { reason: explainError(error, t) })),
        onUnused: ({ user }) => printError(t("login.unused", { user })),
      }),
      [Symbol.dispose]: () => resources.dispose(),
    };
  } catch (error) {
    resources.dispose();
    throw error;
  }
}

/** Of the first connection only: a later one is made behind a prompt, which must stay. */
function waitingIn(t: Translate, address: string, quiet: boolean): () => Disposable {
  let tries = 0;
  return () => {
    const progress = new Progress({ after: UNTOLD, quiet: quiet || tries++ > 0 });
    const began = performance.now();
    return progress.follow(() => t("client.connecting", { address, s: secondsSince(began) }));
  };
}

async function targetOf(
  line: OpeningLine,
  asked: { readonly terminal: () => Terminal; readonly t: Translate } | undefined,
): Promise<Target> {
  let { host, port } = givenAddress(line);
  const { host: hostOption, port: portOption } = ADDRESS_OPTIONS;
  host ??= await asked?.terminal().ask({ ...hostOption, label: asked.t("prompt.host") }, asked.t) ?? line.values.host;
  port ??= await asked?.terminal().ask({ ...portOption, label: asked.t("prompt.port") }, asked.t) ?? line.values.port;
  return targetFrom(host, port);
}
