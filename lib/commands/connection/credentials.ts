/**
 * Names and passwords for a log-in: from a person at a terminal, or from a file or standard input in a script. Never from
 * the command line, which other users can read, and the shell keeps.
 *
 * @module
 */
import { passwordFault } from "../../auth/saslprep.ts";
import { ConfigError, UsageError } from "../../base/errors.ts";
import { MAX_PASSWORD, MIN_PASSWORD } from "../../base/limits.ts";
import type { AskReason, Credential, CredentialRequest, CredentialSource } from "../../protocol/client_dialogue.ts";
import { readTrusted, textFrom } from "../../base/text_file.ts";
import { type CommonKey, explainError, type Translate as TranslateKeys } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";
import type { Terminal } from "../../cli/terminal.ts";

/** What was said of a registration before the server asked. */
interface RegistrationChoice {
  readonly register: boolean;
  /** The code of an invitation, where there is one. */
  readonly invitation?: string | undefined;
}

/** Asks a person, again and again until the server has enough. */
export class TerminalCredentials implements CredentialSource {
  readonly #terminal: () => Terminal;
  readonly #t: Translate;
  #registers: boolean;
  #invitation: string | undefined;

  /**
   * @param terminal Opened when there is something to ask.
   * @param options `register`: the user has said that the name is new.
   */
  constructor(terminal: () => Terminal, t: Translate, options: RegistrationChoice) {
    this.#terminal = terminal;
    this.#t = t;
    this.#registers = options.register;
    this.#invitation = options.invitation;
  }

  async name(refused?: string): Promise<string> {
    if (refused !== undefined) this.#terminal().note(this.#t("login.server_says", { text: refused }));
    return (await this.#terminal().answer(`${this.#t("prompt.name")}: `)).trim();
  }

  async credential({ name, after, canRegister }: CredentialRequest): Promise<Credential> {
    if (after !== undefined) this.#terminal().note(this.#t(NOTES[after]));
    if (after === "login_incorrect" && canRegister) this.#registers = await this.#isNew(name);
    if (after === "name_taken") this.#registers = false;
    if (after === "not_invited") this.#invitation = (await this.#terminal().answer(this.#t("prompt.invite"))).trim();
    if (this.#registers) {
      // What a new password is for is said before it is asked for.
      if (after === undefined) this.#terminal().note(this.#t("login.registers", { name }));
      const password = await askNewPassword(name, this.#terminal(), this.#t);
      return { type: "registration", password, ...invited(this.#invitation) };
    }
    return { type: "password", password: await this.#terminal().secret(this.#t("prompt.password", { name })) };
  }

  async #isNew(name: string): Promise<boolean> {
    const answer = await this.#terminal().answer(this.#t("prompt.register", { name }));
    return /^(?:y|yes|д|да)$/i.test(answer.trim());
  }
}

const NOTES = {
  login_incorrect: "login.refused",
  token_invalid: "login.expired",
  server_unproven: "login.unproven",
  name_taken: "login.taken",
  not_invited: "login.not_invited",
} as const satisfies Record<AskReason, string>;

/** A password given beforehand: for one try. */
export class GivenCredentials implements CredentialSource {
  readonly #password: string | undefined;
  readonly #choice: RegistrationChoice;

  /** @param password `undefined` when none was given; then only a session token can log in. */
  constructor(password: string | undefined, choice: RegistrationChoice) {
    this.#password = password;
    this.#choice = choice;
  }

  name(refused?: string): Promise<string | undefined> {
    if (refused !== undefined) return Promise.resolve(undefined);
    throw new UsageError("no_name", "Cannot log in: a name is needed, and nobody is there to type it");
  }

  credential({ attempt, after }: CredentialRequest): Promise<Credential | undefined> {
    if (this.#password === undefined) {
      if (after === "token_invalid" || after === "server_unproven") return Promise.resolve(undefined);
      throw new UsageError("no_password", "Cannot log in: a password is needed, and nobody is there to type it");
    }
    // The second try would be the same as the first; a refused token was no try of the password.
    const isFirst = attempt === 1 || (attempt === 2 && after === "token_invalid");
    if (!isFirst) return Promise.resolve(undefined);
    if (!this.#choice.register) return Promise.resolve({ type: "password", password: this.#password });
    assertNewPassword(this.#password);
    const { invitation } = this.#choice;
    return Promise.resolve({ type: "registration", password: this.#password, ...invited(invitation) });
  }
}

function invited(invitation: string | undefined): Pick<Credential, "invitation"> {
  return invitation === undefined ? {} : { invitation };
}

/**
 * Asks for a new password twice, until both are the same and will do.
 *
 * @throws {InputEnded}
 */
async function askNewPassword(name: string, terminal: Terminal, t: TranslateKeys<CommonKey>): Promise<string> {
  for (;;) {
    const password = await terminal.secret(t("prompt.new_password", { name }));
    try {
      assertNewPassword(password);
    } catch (error) {
      terminal.note(explainError(error, t));
      continue;
    }
    if (await terminal.secret(t("prompt.again")) === password) return password;
    terminal.note(t("login.differ"));
  }
}

/**
 * Refuses what cannot become a password.
 *
 * @throws {UsageError} `bad_password`. The password is not in it.
 */
export function assertNewPassword(password: string): void {
  const fault = passwordFault(password);
  if (fault === undefined) return;
  throw new UsageError("bad_password", `Cannot use the password: it is ${fault.replaceAll("_", " ")}`, {
    details: { reason: `password_${fault}`, min: MIN_PASSWORD, max: MAX_PASSWORD },
  });
}

/**
 * The first line of a file that only its owner can read.
 *
 * @throws {ConfigError} `untrusted_file`, `bad_secret_file`, `bad_text`
 * @throws {StorageError} `cannot_read`
 */
export function readPasswordFile(path: string): string {
  return firstLine(readTrusted(path, { secret: true }), path);
}

/**
 * A password from standard input.
 *
 * @throws {ConfigError} `bad_secret_file`, `bad_text`
 */
export function passwordFrom(bytes: Uint8Array): string {
  return firstLine(textFrom(bytes, "standard input"), "standard input");
}

/**
 * An invitation: the code itself, `@FILE`, or `-` for a line of standard input, of which `input` gives the next one.
 *
 * @throws {StorageError} `cannot_read`
 * @throws {ConfigError} `untrusted_file`, `bad_secret_file`, `bad_text`
 */
export async function readInvitation(given: string, input: () => Promise<Uint8Array | undefined>): Promise<string> {
  if (given === "-") return passwordFrom(await input() ?? new Uint8Array(0)).trim();
  return given.startsWith("@")
    ? firstLine(readTrusted(given.slice(1), { anyOwner: true }), given.slice(1)).trim()
    : given;
}

/** What stands before the first line end; a lone carriage return at the end is half of one. */
function firstLine(text: string, path: string): string {
  const line = text.replace(/\r?(?:\n[^]*)?$/, "");
  if (line !== "") return line;
  throw new ConfigError("bad_secret_file", `Cannot use ${path}: its first line is empty`, {
    details: { path, problem: "no_password" },
  });
}
