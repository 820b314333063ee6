/**
 * The client's side of a dialogue: a reply in, a message out, until it is done. What the server greets with says which
 * mode it is in.
 *
 * Policy:
 * - A token first, if there is one; when it is refused, name and password. SCRAM-SHA-256 whenever it is offered.
 * - A token goes to a server that TLS has verified; to any other one sealed, for the server that it came from alone.
 * - On an unencrypted connection to another machine nothing secret is sent, whatever the server offers: no password, no
 *   registration, no token; and a token that came over it is dropped. So nobody on the way can talk the client down
 *   from SCRAM.
 * - A password is sent only where the user has allowed it, the greeting offers PLAIN, and the server asks for one of a
 *   known user (332), or for a new one (333) that was meant to be registered.
 * - No proof is given for fewer rounds than the server has asked for before: it could be guessed faster.
 * - Where mutual proof is wanted, a server that does not offer SCRAM is refused, whatever it lets in.
 * - After SCRAM nothing counts as success without the server's signature.
 * - An unknown user looks like a wrong password: whoever asks for the password decides whether to register.
 *
 * @module
 */
import { type Bytes, parseBase64 } from "../base/bytes.ts";
import { parseUserName } from "../auth/names.ts";
import { assertNewPassword } from "../auth/saslprep.ts";
import { badSasl, badSignature, nonceFrom, ScramClient } from "../auth/scram.ts";
import { IV_BYTES, openSealed, seal } from "../auth/sealed_token.ts";
import { halvesOf, parseToken, type SessionToken } from "../auth/tokens.ts";
import { formatVerifier, makeVerifier } from "../auth/verifier.ts";
import { UsageError } from "../base/errors.ts";
import { NONCE_BYTES, SALT_BYTES, SCRAM_ITERATIONS } from "../base/limits.ts";
import { escapeText } from "../base/text.ts";
import { decodeText, encodeText, isCommand } from "./commands.ts";
import { downgrade, noName, readToken, refused, unexpected } from "./client_refusals.ts";
import { parseReply, type Reply } from "./replies.ts";

/** Why a credential, or a name, is asked for again. */
export type AskReason = "login_incorrect" | "token_invalid" | "server_unproven" | "name_taken" | "not_invited";

/** What a password is asked for. */
export interface CredentialRequest {
  readonly name: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** What happened before; absent at the first question. */
  readonly after?: AskReason;
  /** Whether a registration is possible over this connection. */
  readonly canRegister: boolean;
}

/** A password, and whether it is an existing user's or the one to register a new user with. */
export interface Credential {
  readonly type: "password" | "registration";
  readonly password: string;
  /** For a registration at a server that wants one. */
  readonly invitation?: string;
}

/** Where names and passwords come from: a person, a file, standard input. `undefined` gives up. */
export interface CredentialSource {
  /** The user's name, or the host's in mode `identify`. `refused` is the server's word on the one before, escaped. */
  name(refused?: string): Promise<string | undefined>;
  credential(request: CredentialRequest): Promise<Credential | undefined>;
}

/**
 * What counts as a success: `mutual`, nothing but SCRAM, a session token, or a registration; `offered`, also a server that
 * asks for no log-in; `any`, also a password that is sent as it is, and fewer rounds than before.
 */
export type Proof = "mutual" | "offered" | "any";

/** What a {@linkcode ClientDialogue} needs. */
export interface ClientDialogueOptions {
  /** Whether secrets may travel: TLS, loopback, or the user said so (`--allow-insecure`). */
  readonly secure: boolean;
  readonly source: CredentialSource;
  /** Cryptographically random bytes. */
  readonly randomBytes: (count: number) => Bytes;
  /** The user, where it is known before. */
  readonly name?: string;
  /** A session token kept from before. */
  readonly token?: string;
  /** `logout` revokes the token instead of logging in. Default: `login`. */
  readonly intent?: "login" | "logout";
  /**
   * Whether the server has proved who it is: TLS. Where it has not, a token travels sealed, and a server that cannot open it
   * gets none. Default: `false`.
   */
  readonly verified?: boolean;
  /** Default: `offered`. */
  readonly proof?: Proof;
  /** Rounds that the server has asked for before, for a user: no proof is given for fewer. */
  readonly minIterations?: (name: string) => number | undefined;
  /** Rounds of a new verifier. Default: {@linkcode SCRAM_ITERATIONS}. */
  readonly iterations?: number;
}

/** How a dialogue ended well. */
export interface DialogueResult {
  /** `identified` is mode `identify`: the session has a name, and nobody was authenticated. */
  readonly type: "identified" | "logged_in" | "registered" | "resumed" | "logged_out";
  /** As the client knows it; absent where only the server does. */
  readonly name?: string;
  /** A session token for next time. Secret. */
  readonly token?: string;
  /** When the token expires, in ms since 1970. */
  readonly expires?: number;
  /** The rounds that the server asked for, after a log-in by SCRAM. */
  readonly iterations?: number;
  /** The server's last words, escaped. */
  readonly text: string;
}

/** What to do next. */
export type ClientStep =
  | { readonly type: "send"; readonly message: string }
  | { readonly type: "done"; readonly result: DialogueResult };

/** What the next reply is an answer to. */
type Waiting =
  | { readonly for: "greeting" | "host_name" | "resume" | "logout" | "registration" | "plain_login" | "nothing" }
  | { readonly for: "seal_nonce"; readonly token: SessionToken }
  | { readonly for: "sealed"; readonly key: Bytes; readonly nonce: Bytes }
  | { readonly for: "password_prompt"; readonly credential: Credential }
  | { readonly for: "server_first" | "server_final"; readonly scram: ScramClient };

/**
 * The client's side of one log-in.
 *
 * @example
 * ```ts
 * import { ClientDialogue } from "./client_dialogue.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const dialogue = new ClientDialogue({
 *   secure: true,
 *   source: { name: () => Promise.resolve("Anna"), credential: () => Promise.resolve(undefined) },
 *   randomBytes: (count) => new Uint8Array(count),
 * });
 * assertEquals(await dialogue.receive("331 What is your name?"), { type: "send", message: "Anna" });
 * assertEquals(await dialogue.receive("230 Welcome, Anna."), {
 *   type: "done",
 *   result: { type: "identified", name: "Anna", text: "Welcome, Anna." },
 * });
 * ```
 */
export class ClientDialogue {
  readonly #options: ClientDialogueOptions;
  #waiting: Waiting = { for: "greeting" };
  #mechanisms: readonly string[] = [];
  #name: string | undefined;
  #attempts = 0;
  #failures = 0;

  constructor(options: ClientDialogueOptions) {
    this.#options = options;
    this.#name = options.name === undefined ? undefined : parseUserName(options.name);
  }

  /**
   * Takes a reply of the server and says what to do. After `done` or an error the dialogue is over.
   *
   * @throws {LoginError} The server said no: `login_incorrect`, `token_invalid`, `name_taken`, `not_invited`,
   * `too_many_attempts`, `busy`; or `insecure_connection`, `server_unproven`
   * @throws {ProtocolError} `bad_reply`, `bad_sasl`, `bad_server_signature`, `downgrade`
   * @throws {UsageError} `bad_value` for a name or new password that cannot be one, `closed` when it is over
   */
  async receive(message: string): Promise<ClientStep> {
    const waiting = this.#waiting;
    if (waiting.for === "nothing") throw new UsageError("closed", "Cannot go on with the dialogue: it is over");
    this.#waiting = { for: "nothing" };
    return await this.#answer(waiting, parseReply(message));
  }

  #answer(waiting: Waiting, reply: Reply): Promise<ClientStep> | ClientStep {
    const { code } = reply;
    if (code === 421) throw refused(this.#failures > 0 || isAttempt(waiting) ? "too_many_attempts" : "busy", reply);
    if (code === 534) throw refused("insecure_connection", reply);
    switch (waiting.for) {
      case "greeting":
        if (code === 230) return this.#known(reply);
        return code === 331 ? this.#begin(reply) : unexpected(reply);
      case "host_name":
        if (code === 230) return this.#done("identified", reply);
        return code === 500 || code === 501 ? this.#giveName(reply) : unexpected(reply);
      case "resume":
        return code === 235 ? this.#done("resumed", reply) : this.#tokenRefused(reply);
      case "seal_nonce":
        return code === 334 ? this.#sealToken(waiting.token, reply) : this.#unsealed(reply);
      case "sealed":
        if (code === 235) return this.#openAnswer(waiting, reply);
        if (code === 220 && this.#options.intent === "logout") return this.#done("logged_out", reply);
        return this.#tokenRefused(reply);
      case "logout":
        return code === 220 ? this.#done("logged_out", reply) : unexpected(reply);
      case "server_first":
        if (code === 334) return this.#prove(waiting.scram, reply);
        if (code === 235) throw badSignature("it is missing");
        return code === 530 ? this.#retry("login_incorrect", reply) : unexpected(reply);
      case "server_final":
        if (code === 235) return this.#verify(waiting.scram, reply);
        return code === 530 ? this.#retry("login_incorrect", reply) : unexpected(reply);
      case "registration":
        if (code === 235) return this.#done("registered", reply);
        if (code === 501 && reply.tags.TAKEN !== undefined) return this.#retry("name_taken", reply);
        return code === 501 && reply.tags.INVITE !== undefined ? this.#retry("not_invited", reply) : unexpected(reply);
      case "password_prompt":
        return this.#givePassword(waiting.credential, reply);
      case "plain_login":
        if (code === 235) return this.#done("logged_in", reply);
        return code === 530 ? this.#retry("login_incorrect", reply) : unexpected(reply);
      case "nothing":
        return unexpected(reply);
    }
  }

  #begin(reply: Reply): Promise<ClientStep> | ClientStep {
    const { token, intent = "login", secure, verified = false } = this.#options;
    if (reply.tags.AUTH === undefined) {
      this.#assertProof("open");
      return this.#giveName();
    }
    this.#mechanisms = reply.tags.AUTH;
    const canResume = this.#offers("TOKEN") && secure;
    if (intent === "logout") {
      if (token === undefined) throw new UsageError("bad_value", "Cannot log out: there is no session token");
      if (!canResume) throw refused("insecure_connection", reply);
    }
    const parsed = token === undefined || verified ? undefined : parseToken(token);
    if (parsed !== undefined && canResume) {
      return this.#send(`AUTH SEALED ${halvesOf(parsed).open}`, { for: "seal_nonce", token: parsed });
    }
    return token !== undefined && canResume ? this.#sendToken(token) : this.#logIn(undefined, reply);
  }

  #sendToken(token: string): ClientStep {
    return this.#options.intent === "logout"
      ? this.#send(`LOGOUT ${token}`, { for: "logout" })
      : this.#send(`AUTH TOKEN ${token}`, { for: "resume" });
  }

  async #sealToken(token: SessionToken, reply: Reply): Promise<ClientStep> {
    const nonce = parseBase64(reply.text);
    if (nonce === undefined) return unexpected(reply);
    const { key } = halvesOf(token);
    const iv = this.#options.randomBytes(IV_BYTES);
    const text = this.#options.intent === "logout" ? "LOGOUT" : "LOGIN";
    return this.#send(await seal(key, text, { by: "client", nonce, iv }), { for: "sealed", key, nonce });
  }

  /** An older server, or a false one: a token that it might keep for itself is sent where the user says so alone. */
  #unsealed(reply: Reply): Promise<ClientStep> | ClientStep {
    const { token, proof, intent } = this.#options;
    if (reply.code !== 501 && reply.code !== 331) return unexpected(reply);
    if (proof === "any" && token !== undefined) return this.#sendToken(token);
    if (intent === "logout") throw refused("server_unproven", reply);
    return this.#logIn("server_unproven", reply);
  }

  async #openAnswer(
    { key, nonce }: { readonly key: Bytes; readonly nonce: Bytes },
    reply: Reply,
  ): Promise<ClientStep> {
    const [sealed, ...rest] = reply.tags.SEALED ?? [];
    const text = sealed === undefined || rest.length > 0
      ? undefined
      : await openSealed(key, sealed, { by: "server", nonce });
    if (text === undefined) throw badSignature("it does not know the session token");
    const { SEALED: _, ...others } = reply.tags;
    const TOKEN = text.split(" ");
    return this.#done("resumed", { ...reply, tags: text === "" ? others : { ...others, TOKEN } });
  }

  /** The server knows the address, under a name that only its text tells. */
  #known(reply: Reply): ClientStep {
    this.#assertProof("open");
    this.#name = undefined;
    return this.#done("identified", reply);
  }

  async #giveName(refusal?: Reply): Promise<ClientStep> {
    const given = refusal === undefined ? this.#name : undefined;
    const name = given ?? await this.#options.source.name(refusal && escapeText(refusal.text));
    if (name === undefined) throw noName();
    this.#name = parseUserName(name);
    return this.#send(this.#name, { for: "host_name" });
  }

  #tokenRefused(reply: Reply): Promise<ClientStep> | ClientStep {
    return reply.code === 535 ? this.#retry("token_invalid", reply) : unexpected(reply);
  }

  /** A refused attempt: asks for other credentials. */
  #retry(after: AskReason, reply: Reply): Promise<ClientStep> {
    this.#failures++;
    return this.#logIn(after, reply);
  }

  async #logIn(after: AskReason | undefined, reply: Reply): Promise<ClientStep> {
    const { secure, source } = this.#options;
    const canSend = this.#offers("PLAIN") && secure;
    if (!this.#offers("SCRAM-SHA-256")) {
      if (!canSend) throw refused("insecure_connection", reply);
      this.#assertProof("plain");
    }
    const name = this.#name ?? await source.name();
    if (name === undefined) throw noName();
    this.#name = parseUserName(name);
    const credential = await source.credential({
      name: this.#name,
      attempt: ++this.#attempts,
      canRegister: canSend,
      ...after === undefined ? {} : { after },
    });
    if (credential === undefined) throw refused(after ?? "login_incorrect", reply);
    if (credential.type === "registration") {
      if (!canSend) throw refused("insecure_connection", reply);
      return await this.#register(this.#name, credential);
    }
    if (this.#offers("SCRAM-SHA-256")) return this.#startScram(this.#name, credential.password);
    if (isCommand(this.#name)) {
      throw new UsageError("bad_value", "Cannot use the name: it is a command of the dialogue");
    }
    return this.#send(this.#name, { for: "password_prompt", credential });
  }

  async #register(name: string, { password, invitation }: Credential): Promise<ClientStep> {
    assertNewPassword(password);
    const { randomBytes, iterations = SCRAM_ITERATIONS } = this.#options;
    const verifier = formatVerifier(await makeVerifier(password, { salt: randomBytes(SALT_BYTES), iterations }));
    const invited = invitation === undefined ? "" : ` ${invitation}`;
    return this.#send(`REGISTER ${encodeText(name)} ${verifier}${invited}`, { for: "registration" });
  }

  #startScram(name: string, password: string): ClientStep {
    const nonce = nonceFrom(this.#options.randomBytes(NONCE_BYTES));
    const scram = new ScramClient({ name, password, nonce });
    return this.#send(`AUTH SCRAM-SHA-256 ${encodeText(scram.first())}`, { for: "server_first", scram });
  }

  async #prove(scram: ScramClient, reply: Reply): Promise<ClientStep> {
    const serverFirst = decodeText(reply.text);
    if (serverFirst === undefined) throw badSasl("it is not base64");
    const { proof, minIterations } = this.#options;
    const least = proof === "any" || this.#name === undefined ? undefined : minIterations?.(this.#name);
    const final = await scram.final(serverFirst, least);
    return this.#send(encodeText(final), { for: "server_final", scram });
  }

  #verify(scram: ScramClient, reply: Reply): ClientStep {
    const [encoded, ...rest] = reply.tags.SCRAM ?? [];
    const serverFinal = encoded === undefined || rest.length > 0 ? undefined : decodeText(encoded);
    if (serverFinal === undefined) throw badSignature("it is missing");
    scram.verify(serverFinal);
    const step = this.#done("logged_in", reply);
    return step.type === "done" ? { ...step, result: { ...step.result, iterations: scram.iterations } } : step;
  }

  #givePassword({ type, password }: Credential, reply: Reply): ClientStep {
    const { code } = reply;
    // A new user's password would register it: not what was asked for.
    if (code === 333 && type !== "registration") throw refused("login_incorrect", reply);
    if (code !== 332 && code !== 333) return unexpected(reply);
    return this.#send(password, { for: "plain_login" });
  }

  #send(message: string, waiting: Waiting): ClientStep {
    this.#waiting = waiting;
    return { type: "send", message };
  }

  #done(type: DialogueResult["type"], reply: Reply): ClientStep {
    const kept = this.#options.secure ? readToken(reply) : {};
    const name = this.#name === undefined ? {} : { name: this.#name };
    return { type: "done", result: { type, ...name, ...kept, text: escapeText(reply.text) } };
  }

  /** Refuses a server that proves nothing, where a proof is wanted. */
  #assertProof(offer: "open" | "plain"): void {
    const { proof = "offered" } = this.#options;
    if (proof === "mutual" || (proof === "offered" && offer === "plain")) throw downgrade(offer);
  }

  #offers(mechanism: string): boolean {
    return this.#mechanisms.includes(mechanism);
  }
}

/** Whether a 421 is the answer to a proof: a server with one attempt says it to the first failure. */
function isAttempt({ for: reply }: Waiting): boolean {
  return reply === "server_final" || reply === "sealed" || reply === "resume" || reply === "registration";
}
