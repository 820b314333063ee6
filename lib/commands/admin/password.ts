/**
 * A new password, from a person or from standard input; never from the command line or the environment, which other
 * programs can read.
 *
 * @module
 */
import { type PasswordFault, passwordFault } from "../../auth/saslprep.ts";
import { formatVerifier, makeVerifier } from "../../auth/verifier.ts";
import { UsageError } from "../../base/errors.ts";
import { MAX_PASSWORD, MIN_PASSWORD, SALT_BYTES } from "../../base/limits.ts";
import { textFrom } from "../../base/text_file.ts";
import type { Translate } from "./texts.ts";
import { canAsk } from "../../cli/output.ts";
import { InputEnded } from "../../cli/input_ended.ts";
import { Terminal } from "../../cli/terminal.ts";
import type { Admin } from "./context.ts";

/**
 * The verifier of a password for `name`: typed twice at a terminal, unseen, until it will do; else the first line of
 * standard input.
 *
 * @throws {ConfigError} `bad_text`
 * @throws {UsageError} `no_password`: the question was left, or nobody can be asked unseen; `bad_password`: what standard
 * input gave cannot be used.
 * @throws {InputEnded} after Ctrl-C.
 */
export async function newVerifier(name: string, { t, noInput }: Pick<Admin, "t" | "noInput">): Promise<string> {
  const password = canAsk(noInput) ? await askTwice(name, t) : await readPassword();
  return formatVerifier(await makeVerifier(password, { salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)) }));
}

async function askTwice(name: string, t: Translate): Promise<string> {
  using terminal = new Terminal();
  try {
    for (;;) {
      const password = await terminal.secret(t("prompt.new_password", { name }));
      const fault = passwordFault(password);
      if (fault !== undefined) terminal.note(t("error.bad_password", { reason: reasonOf(fault, t) }));
      else if (await terminal.secret(t("prompt.again")) === password) return password;
      else terminal.note(t("login.differ"));
    }
  } catch (error) {
    throw error instanceof InputEnded && error.by === "end" ? noPassword() : error;
  }
}

async function readPassword(): Promise<string> {
  // At a terminal the system itself would show what is typed.
  if (Deno.stdin.isTerminal()) throw noPassword();
  const line = await firstLine();
  if (line === undefined) throw noPassword();
  if (line.length > MAX_PASSWORD) throw badPassword("too_long");
  const password = textFrom(line, "standard input");
  const fault = passwordFault(password);
  if (fault !== undefined) throw badPassword(fault);
  return password;
}

/** The first line of standard input, or more of it than a password may have; `undefined` where there is nothing. */
async function firstLine(): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(MAX_PASSWORD + 2);
  let end = 0;
  while (end < bytes.length && !bytes.subarray(0, end).includes(LINE_FEED)) {
    const count = await Deno.stdin.read(bytes.subarray(end));
    if (count === null) break;
    end += count;
  }
  if (end === 0) return undefined;
  const lineFeed = bytes.subarray(0, end).indexOf(LINE_FEED);
  const line = bytes.subarray(0, lineFeed < 0 ? end : lineFeed);
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

function reasonOf(fault: PasswordFault, t: Translate): string {
  return t(`reason.password_${fault}`, { min: MIN_PASSWORD, max: MAX_PASSWORD });
}

function badPassword(fault: PasswordFault): UsageError {
  return new UsageError("bad_password", `Cannot use the password: ${fault}`, {
    details: { reason: `password_${fault}`, min: MIN_PASSWORD, max: MAX_PASSWORD },
  });
}

function noPassword(): UsageError {
  return new UsageError("no_password", "Cannot go on without a password: give it as a line of standard input", {
    details: { action: "administer" },
  });
}
