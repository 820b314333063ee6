/**
 * Mode `auth`, the server's side. `docs/protocol.md` shows its transcripts.
 *
 * Policy:
 * - Where a password or token would cross an unencrypted network, it is refused with 534 before it is asked for, and only
 *   SCRAM is offered. A log-in through SCRAM then gives no token.
 * - Once a proof or password was given, every refusal is the same 530 after the same work: wrong password, unknown name,
 *   disabled user, malformed or replayed client-final, a name that was taken while its password was typed.
 * - 530, 535 and a registration of a taken name (501 `[TAKEN]`) are failures; the reply to the last one allowed is 421.
 *   Other refusals lead back to the name, and are bounded as well.
 * - What is known of a user is read again, with the session that is made, once proof or password were right.
 * - REGISTER takes verifiers with the server's own rounds and length of salt alone: fewer rounds would be cheaper to guess
 *   from, and any others would tell that a user exists, as those who do not seem to have the server's own.
 * - Where registration is not open, a name that nobody has is asked for its password like any other. An invitation is looked
 *   at before the name: who has none learns nothing of names. A bad one is a failure.
 * - Whoever begins with half of a token is given a nonce, whether its family exists or not, and refused like any other.
 * - LOGOUT answers 220 whatever the token was good for, as RFC 7009, section 2.2, does: the session is over either way.
 * - The log gets the name only where a user has it: people type passwords at the wrong prompt.
 *
 * @module
 */
import { checkUserName, type UserName } from "../auth/names.ts";
import { mockVerifier, nonceFrom, ScramServer } from "../auth/scram.ts";
import { passwordFault } from "../auth/saslprep.ts";
import { parseToken, type SessionToken } from "../auth/tokens.ts";
import { formatVerifier, parseVerifier, type Verifier } from "../auth/verifier.ts";
import { type Details, ProtocolError, StorageError, UsageError } from "../base/errors.ts";
import {
  MAX_ATTEMPTS,
  MAX_NAME,
  MAX_PASSWORD,
  MIN_PASSWORD,
  NONCE_BYTES,
  SALT_BYTES,
  SCRAM_ITERATIONS,
} from "../base/limits.ts";
import type { Bytes } from "../base/bytes.ts";
import { type Command, decodeText, encodeText, isCommand, parseCommand } from "./commands.ts";
import { Dialogue } from "./dialogue.ts";
import type { Effect, Mechanism } from "./effects.ts";
import { formatExpiry, formatReply, type ReplyCode, type Tags } from "./replies.ts";
import type { ReplyLanguage, ReplyTextKey } from "./reply_texts.ts";
import type { AuthServices, IssuedToken, KnownUser, OpenedToken } from "./services.ts";

/** How an {@linkcode AuthDialogue} behaves. */
export interface AuthOptions {
  readonly language: ReplyLanguage;
  /** Whether passwords and tokens may travel: TLS, loopback, or `--allow-insecure`. */
  readonly secure: boolean;
  /** Failed log-ins until the connection is closed. Default: {@linkcode MAX_ATTEMPTS}. */
  readonly maxAttempts?: number;
  /** Whether strangers may register. Default: `open`. */
  readonly registration?: Registration;
}

/** Whether strangers may register: with `invite` who has an invitation; `closed` leaves it to whoever runs the server. */
export type Registration = "open" | "invite" | "closed";

interface Found extends KnownUser {
  readonly name: UserName;
}

/** What the next message is taken for. */
type Expecting =
  | { readonly what: "name" }
  | { readonly what: "password"; readonly name: UserName; readonly user: Found | undefined }
  | { readonly what: "new_password"; readonly name: UserName }
  | { readonly what: "sealed"; readonly open: string; readonly nonce: Bytes }
  | {
    readonly what: "client_final";
    readonly scram: ScramServer;
    readonly name: string;
    readonly user: Found | undefined;
  };

type Registering = Extract<Command, { type: "register" }>;

const NAME: Expecting = { what: "name" };

/** The server's side of one log-in. */
export class AuthDialogue extends Dialogue {
  readonly #services: AuthServices;
  readonly #secure: boolean;
  readonly #registration: Registration;
  #attemptsLeft: number;
  #expecting: Expecting = NAME;

  constructor(
    services: AuthServices,
    { language, secure, maxAttempts = MAX_ATTEMPTS, registration = "open" }: AuthOptions,
  ) {
    super(language);
    this.#services = services;
    this.#secure = secure;
    this.#attemptsLeft = maxAttempts;
    this.#registration = registration;
  }

  get account(): string | undefined {
    const expecting = this.#expecting;
    return expecting.what === "password" || expecting.what === "client_final" ? expecting.name : undefined;
  }

  protected override open(): Promise<Effect[]> {
    const mechanisms = this.#secure ? ["SCRAM-SHA-256", "TOKEN", "PLAIN"] : ["SCRAM-SHA-256"];
    return Promise.resolve([this.reply(331, "ask_name", { tags: { AUTH: mechanisms } })]);
  }

  protected override answer(message: string): Promise<Effect[]> {
    const expecting = this.#expecting;
    this.restart();
    switch (expecting.what) {
      case "name":
        return this.#obey(parseCommand(message));
      case "password":
        return this.#checkPassword(expecting, message);
      case "new_password":
        return this.#choosePassword(expecting.name, message);
      case "sealed":
        return this.#openSealed(expecting, message);
      case "client_final":
        return this.#finishScram(expecting, message);
    }
  }

  protected override restart(): void {
    this.#expecting = NAME;
  }

  async #obey(command: Command): Promise<Effect[]> {
    if (command.type === "bad") return this.detour(501, command.reason);
    if (command.type === "scram") return await this.#startScram(command.clientFirst);
    if (!this.#secure) return [this.log("refused_insecure"), ...this.detour(534, "insecure")];
    switch (command.type) {
      case "name":
        return await this.#takeName(command.text);
      case "token":
        return await this.#resume(parseToken(command.token));
      case "sealed":
        return this.#askSealed(command.open);
      case "register":
        return await this.#register(command);
      case "logout":
        return await this.#logOut(parseToken(command.token));
    }
  }

  async #takeName(text: string): Promise<Effect[]> {
    const checked = checkUserName(text);
    if ("fault" in checked) return this.#badName(checked.fault);
    const { name } = checked;
    const user = await this.#find(name);
    const isNew = user === undefined && this.#registration === "open";
    if (this.#registration === "open") this.#services.nameTold();
    this.#expecting = isNew ? { what: "new_password", name } : { what: "password", name, user };
    return [isNew ? this.reply(333, "choose_password") : this.reply(332, "ask_password")];
  }

  async #checkPassword(
    { name, user }: { readonly name: UserName; readonly user: Found | undefined },
    password: string,
  ): Promise<Effect[]> {
    const verifier = await this.#verifierOf(user) ?? await mockVerifier(name, this.#services.mock);
    const isRight = await this.#services.passwords.check(password, verifier);
    if (isRight === "busy") return this.closing("busy", "busy");
    if (user === undefined) return this.#failed("plain", "unknown_user");
    if (!isRight) return this.#failed("plain", "password", user);
    return await this.#loggedIn(user, "plain");
  }

  async #choosePassword(name: UserName, password: string): Promise<Effect[]> {
    const fault = passwordFault(password);
    const details = { min: MIN_PASSWORD, max: MAX_PASSWORD };
    if (fault !== undefined) return this.detour(501, `password_${fault}`, { details });
    const made = await this.#services.passwords.make(password);
    if (made === "busy") return this.closing("busy", "busy");
    const verifier = formatVerifier(made);
    return await this.#create({ name, verifier, disabled: false }, "plain");
  }

  async #startScram(clientFirst: string): Promise<Effect[]> {
    let user: Found | undefined;
    let name = "";
    const scram = new ScramServer({
      nonce: nonceFrom(this.#services.randomBytes(NONCE_BYTES)),
      findVerifier: async (text) => {
        name = text.normalize("NFC");
        const checked = checkUserName(name);
        user = "name" in checked ? await this.#find(checked.name) : undefined;
        return await this.#verifierOf(user);
      },
      mock: this.#services.mock,
    });
    try {
      const serverFirst = await scram.first(clientFirst);
      this.#expecting = { what: "client_final", scram, name, user };
      return [{ type: "reply", message: formatReply(334, encodeText(serverFirst)) }];
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.detour(501, "bad_sasl");
    }
  }

  async #finishScram(
    { scram, user }: { readonly scram: ScramServer; readonly user: Found | undefined },
    message: string,
  ): Promise<Effect[]> {
    if (message === "*") return this.detour(501, "cancelled"); // RFC 4954, section 4
    const clientFinal = decodeText(message);
    if (clientFinal === undefined) return this.#failed("scram", "malformed", user);
    try {
      const verdict = await scram.final(clientFinal);
      if (!verdict.ok) return this.#failed("scram", verdict.reason, user);
      if (user === undefined) return this.#failed("scram", "unknown_user");
      return await this.#loggedIn(user, "scram", { SCRAM: [encodeText(verdict.serverFinal)] });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#failed("scram", "malformed", user);
    }
  }

  #askSealed(open: string): Effect[] {
    const nonce = this.#services.randomBytes(NONCE_BYTES);
    this.#expecting = { what: "sealed", open, nonce };
    return [{ type: "reply", message: formatReply(334, nonce.toBase64()) }];
  }

  async #openSealed(
    { open, nonce }: { readonly open: string; readonly nonce: Bytes },
    message: string,
  ): Promise<Effect[]> {
    if (message === "*") return this.detour(501, "cancelled");
    const opened = await this.#services.sessions.open(open, message, nonce);
    if (opened === undefined) return this.#failed("token", "unknown");
    return opened.text === "LOGOUT" ? await this.#logOut(opened.token) : await this.#resume(opened.token, opened);
  }

  async #resume(token: SessionToken | undefined, sealed?: OpenedToken): Promise<Effect[]> {
    const result = token === undefined
      ? { outcome: "refused", reason: "unknown" } as const
      : await this.#services.sessions.resume(token);
    if (result.outcome === "refused") {
      const reused = result.reason === "reused" ? [this.log("session_reused", named(result.user))] : [];
      return [...reused, ...this.#failed("token", result.reason, { name: result.user })];
    }
    const { name, session, issued } = result;
    const tags = sealed === undefined ? tokenTag(issued) : {
      SEALED: [await sealed.answer(issued === undefined ? "" : `${issued.token} ${formatExpiry(issued.expires)}`)],
    };
    return [
      this.log("session_resumed", { name }),
      ...issued === undefined ? [this.log("session_not_stored", { name })] : [],
      this.reply(235, "welcome_back", { details: { name }, tags }),
      { type: "accept", identity: { name, session: issued?.session ?? session } },
    ];
  }

  async #register({ name: text, verifier: verifierText, invitation }: Registering): Promise<Effect[]> {
    const checked = checkUserName(text);
    if ("fault" in checked) return this.#badName(checked.fault);
    const { name } = checked;
    if (this.#registration === "closed") return this.#refused("registration_closed");
    if (this.#registration === "invite" && invitation === undefined) {
      return this.detour(501, "invitation_needed", { tags: { INVITE: [] } });
    }
    if (isCommand(name)) return this.detour(501, "name_reserved");
    const iterations = this.#services.mock.iterations ?? SCRAM_ITERATIONS;
    const verifier = readVerifier(verifierText);
    if (verifier?.iterations !== iterations || verifier.salt.length !== SALT_BYTES) {
      return this.detour(501, "bad_verifier", { details: { iterations, salt: SALT_BYTES } });
    }
    const stored = formatVerifier(verifier);
    const wanted = this.#registration === "invite" ? invitation : undefined;
    return await this.#create({ name, verifier: stored, disabled: false }, "register", wanted);
  }

  async #create(user: Found, mechanism: "plain" | "register", invitation?: string): Promise<Effect[]> {
    const { name, verifier } = user;
    const outcome = await this.#services.createUser(name, verifier, invitation);
    if (outcome === "not_invited") return this.#failed(mechanism, "invitation");
    if (outcome === "taken") return this.#failed(mechanism, "taken");
    if (outcome === "refused") return this.#refused("registration_limited");
    return [this.log("registered", { name, mechanism }), ...await this.#loggedIn(user, mechanism)];
  }

  #refused(why: "registration_closed" | "registration_limited"): Effect[] {
    return [this.log("registration_refused", { reason: why }), ...this.detour(501, why)];
  }

  async #logOut(token: SessionToken | undefined): Promise<Effect[]> {
    if (token === undefined) return this.detour(501, "bad_token");
    const name = await this.#services.sessions.revoke(token);
    const log = name === undefined ? [] : [this.log("session_revoked", { name })];
    return [...log, ...this.detour(220, "logged_out")];
  }

  /** A proof or password was right. */
  async #loggedIn(user: Found, mechanism: Mechanism, tags: Tags = {}): Promise<Effect[]> {
    if (user.disabled) return this.#failed(mechanism, "disabled", user);
    const { name } = user;
    const issued = this.#secure ? await this.#createSession(user) : undefined;
    const proof = typeof issued === "object" ? issued : await this.#services.sessions.confirm(name, user.verifier);
    if (issued === "refused" || proof === "refused") return this.#failed(mechanism, "changed", user);
    return [
      this.log("logged_in", { name, mechanism }),
      ...issued === "not_stored" ? [this.log("session_not_stored", { name })] : [],
      this.reply(235, "welcome", { details: { name }, tags: { ...tags, ...tokenTag(issued) } }),
      {
        type: "accept",
        identity: typeof proof === "number" ? { name, since: proof } : { name, session: proof.session },
      },
    ];
  }

  /** Where nothing can be written, users who are there still log in, without a token. */
  async #createSession({ name, verifier }: Found): Promise<IssuedToken | "refused" | "not_stored"> {
    try {
      return await this.#services.sessions.create(name, verifier);
    } catch (error) {
      if (error instanceof StorageError) return "not_stored";
      throw error;
    }
  }

  /** `user` is for the log: the one who exists under the name, or whose token it was. */
  #failed(mechanism: Mechanism, reason: string, user: { readonly name?: string | undefined } = {}): Effect[] {
    const log = this.log("login_failed", { mechanism, reason, ...named(user.name) });
    this.#attemptsLeft--;
    if (this.#attemptsLeft <= 0) {
      return [log, { type: "failure" }, ...this.closing("too_many_attempts", "too_many_attempts")];
    }
    const [code, key, tags] = reason === "invitation" ? BAD_INVITATION : FAILURES[mechanism];
    return [log, { type: "failure" }, this.reply(code, key, { tags })];
  }

  #badName(fault: "empty" | "too_long" | "bad_space" | "bad_character"): Effect[] {
    return this.detour(501, `name_${fault}`, { details: { max: MAX_NAME } });
  }

  async #find(name: UserName): Promise<Found | undefined> {
    const user = await this.#services.findUser(name);
    return user === null ? undefined : { name, verifier: user.verifier, disabled: user.disabled };
  }

  /** `undefined` where there is no user, after the same work. What is stored is ours; where it cannot be read, none fits. */
  async #verifierOf(user: Found | undefined): Promise<Verifier | undefined> {
    const read = readVerifier(user?.verifier ?? DECOY);
    return user && (read ?? await mockVerifier(user.name, this.#services.mock));
  }
}

/** Read in place of the verifier of a user who does not exist. */
const DECOY = `SCRAM-SHA-256$600000:${"A".repeat(22)}==$${"A".repeat(43)}=:${"A".repeat(43)}=`;

/** What the client is told, by what it tried. */
const FAILURES: Readonly<Record<Mechanism, readonly [ReplyCode, ReplyTextKey, Tags]>> = {
  scram: [530, "login_incorrect", {}],
  plain: [530, "login_incorrect", {}],
  token: [535, "token_invalid", {}],
  register: [501, "taken", { TAKEN: [] }],
};

const BAD_INVITATION = [501, "invitation_invalid", { INVITE: [] }] as const;

function tokenTag(issued: IssuedToken | "not_stored" | undefined): Tags {
  return typeof issued === "object" ? { TOKEN: [issued.token, formatExpiry(issued.expires)] } : {};
}

function readVerifier(text: string): Verifier | undefined {
  try {
    return parseVerifier(text);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** A field of a log line, where the name is known. */
function named(name: string | undefined): Details {
  return name === undefined ? {} : { name };
}
