/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), both sides as state machines: messages in, messages out. Nonces, the mock key and
 * the look-up of verifiers come from outside.
 *
 * Policy:
 * - No channel binding. gs2 flags `n` and `y` are taken, `p=` is refused: RFC 5802, section 6, for such a server.
 * - No authorization identity (`a=`), no mandatory extension (`m=`). Optional extensions are skipped.
 * - A nonce is {@linkcode NONCE_BYTES} random bytes in base64. A client's may be any printable ASCII, up to 512 characters.
 * - A server asks an unknown user's client for a proof like anyone's: the salt is derived from the name with a secret
 *   key, so it is the same at each try, the iteration count is the default, the same HMACs are made, and the proof is
 *   always wrong. Names go into that derivation in NFC, as they do into the look-up.
 * - A server runs no PBKDF2: checking a proof is three HMACs and a hash.
 * - A client takes 4,096 to 2,000,000 iterations, only a server nonce that extends its own, and no success without the
 *   server's signature. Proofs and signatures are compared in constant time.
 * - The peer learns that it failed; why is for the log, in words that hold nothing of the messages.
 *
 * @module
 */
import { LoginError, ProtocolError, UsageError } from "../base/errors.ts";
import { MAX_ITERATIONS, MIN_ITERATIONS, NONCE_BYTES, SALT_BYTES, SCRAM_ITERATIONS } from "../base/limits.ts";
import { type Bytes, utf8 } from "../base/bytes.ts";
import { equal, HASH_BYTES, hmac, sha256, xor } from "./crypto.ts";
import {
  badSasl,
  type ClientFirst,
  escapeName,
  isNonce,
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
} from "./scram/messages.ts";
import { deriveKeys, type ScramKeys, type Verifier } from "./verifier.ts";

export { badSasl } from "./scram/messages.ts";

/** How a mock verifier is made: with a secret of the server's that outlives restarts, and the default iteration count. */
export interface Mock {
  /** At least 32 random bytes, secret. */
  readonly key: Bytes;
  /** Default: {@linkcode SCRAM_ITERATIONS}. */
  readonly iterations?: number;
}

/** What a {@linkcode ScramServer} needs. */
export interface ScramServerOptions {
  /** The server's part of the nonce: {@linkcode nonceFrom} fresh random bytes. */
  readonly nonce: string;
  /** The verifier of a name as the client wrote it; `undefined` when there is none. */
  readonly findVerifier: (name: string) => Promise<Verifier | undefined>;
  readonly mock: Mock;
}

/** Why a proof was refused. For the log alone. */
export type ScramFailure = "nonce" | "channel_binding" | "unknown_user" | "proof";

/** How the exchange ended. */
export type ScramVerdict =
  | { readonly ok: true; readonly serverFinal: string }
  | { readonly ok: false; readonly reason: ScramFailure };

/** What a {@linkcode ScramClient} needs. */
export interface ScramClientOptions {
  readonly name: string;
  readonly password: string;
  /** The client's nonce: {@linkcode nonceFrom} fresh random bytes. */
  readonly nonce: string;
}

/**
 * A nonce from random bytes: base64, which has no comma.
 *
 * @throws {UsageError} `bad_value` for fewer than {@linkcode NONCE_BYTES}.
 */
export function nonceFrom(random: Bytes): string {
  if (random.length >= NONCE_BYTES) return random.toBase64();
  throw new UsageError("bad_value", `Cannot make a nonce: ${random.length} random bytes are fewer than ${NONCE_BYTES}`);
}

/**
 * The server's side of one exchange.
 *
 * @example
 * ```ts
 * import { ScramClient, ScramServer } from "./scram.ts";
 * import { makeVerifier } from "./verifier.ts";
 * import { assert } from "@std/assert";
 *
 * const verifier = await makeVerifier("correct horse", { salt: new Uint8Array(16), iterations: 4096 });
 * const client = new ScramClient({ name: "anna", password: "correct horse", nonce: "c1" });
 * const server = new ScramServer({
 *   nonce: "s1",
 *   findVerifier: (name) => Promise.resolve(name === "anna" ? verifier : undefined),
 *   mock: { key: new Uint8Array(32) },
 * });
 * const verdict = await server.final(await client.final(await server.first(client.first())));
 * assert(verdict.ok);
 * client.verify(verdict.serverFinal); // throws unless the server knew the verifier
 * ```
 */
export class ScramServer {
  readonly #options: ScramServerOptions;
  #exchange: { first: ClientFirst; nonce: string; serverFirst: string; verifier: Verifier; known: boolean } | undefined;
  #started = false;

  constructor(options: ScramServerOptions) {
    if (!isNonce(options.nonce)) throw new UsageError("bad_value", "Cannot use the nonce: it is not printable ASCII");
    this.#options = options;
  }

  /**
   * Takes client-first, returns server-first.
   *
   * @throws {ProtocolError} `bad_sasl`
   */
  async first(message: string): Promise<string> {
    if (this.#started) throw over();
    this.#started = true;
    const first = parseClientFirst(message);
    const { nonce: own, findVerifier, mock } = this.#options;
    // Both are made for every name, known or not.
    const [stored, decoy] = await Promise.all([findVerifier(first.name), mockVerifier(first.name, mock)]);
    const verifier = stored ?? decoy;
    const nonce = first.nonce + own;
    const serverFirst = `r=${nonce},s=${verifier.salt.toBase64()},i=${verifier.iterations}`;
    this.#exchange = { first, nonce, serverFirst, verifier, known: stored !== undefined };
    return serverFirst;
  }

  /**
   * Takes client-final, once: a second one finds the exchange over.
   *
   * @throws {ProtocolError} `bad_sasl`
   */
  async final(message: string): Promise<ScramVerdict> {
    const exchange = this.#exchange;
    if (exchange === undefined) throw over();
    this.#exchange = undefined;
    const { first, nonce, serverFirst, verifier, known } = exchange;
    const { channelBinding, nonce: returned, proof, withoutProof } = parseClientFinal(message);
    if (proof.length !== HASH_BYTES) throw badSasl(`its proof (p=) is not ${HASH_BYTES} bytes long`);
    const authMessage = utf8(`${first.bare},${serverFirst},${withoutProof}`);
    // RFC 5802, section 3: the proof is ClientKey xor this; StoredKey is the hash of ClientKey.
    const clientKey = xor(proof, await hmac(verifier.storedKey, authMessage));
    const isProven = equal(await sha256(clientKey), verifier.storedKey);
    const signature = await hmac(verifier.serverKey, authMessage);
    if (returned !== nonce) return { ok: false, reason: "nonce" };
    if (channelBinding !== utf8(first.gs2Header).toBase64()) return { ok: false, reason: "channel_binding" };
    if (!known) return { ok: false, reason: "unknown_user" };
    return isProven ? { ok: true, serverFinal: `v=${signature.toBase64()}` } : { ok: false, reason: "proof" };
  }
}

/** The verifier an unknown user seems to have: the same for a name as long as the key is. No password fits it. */
export async function mockVerifier(name: string, { key, iterations = SCRAM_ITERATIONS }: Mock): Promise<Verifier> {
  const digest = await hmac(key, utf8(name.normalize("NFC")));
  return { iterations, salt: digest.slice(0, SALT_BYTES), storedKey: digest, serverKey: digest };
}

/** The client's side of one exchange; see {@linkcode ScramServer}. */
export class ScramClient {
  readonly #options: ScramClientOptions;
  readonly #bare: string;
  #state: "new" | "first_sent" | "final_sent" | "over" = "new";
  #signature: Bytes | undefined;
  #iterations = 0;

  constructor(options: ScramClientOptions) {
    if (!isNonce(options.nonce)) throw new UsageError("bad_value", "Cannot use the nonce: it is not printable ASCII");
    this.#options = options;
    this.#bare = `n=${escapeName(options.name)},r=${options.nonce}`;
  }

  /** client-first. */
  first(): string {
    this.#step("new", "first_sent");
    return `n,,${this.#bare}`;
  }

  /** The rounds that the server has asked for. */
  get iterations(): number {
    return this.#iterations;
  }

  /**
   * Takes server-first, returns client-final; runs PBKDF2.
   *
   * @param least Fewer rounds are refused: the proof could be guessed faster than one that was given before.
   * @throws {ProtocolError} `bad_sasl`, `downgrade`
   */
  async final(serverFirst: string, least: number = MIN_ITERATIONS): Promise<string> {
    this.#step("first_sent", "over");
    const { nonce, salt, iterations } = parseServerFirst(serverFirst);
    this.#iterations = iterations;
    const { nonce: own, password } = this.#options;
    if (!nonce.startsWith(own) || nonce.length === own.length) throw badSasl("its nonce does not extend ours");
    if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
      throw badSasl(`its iteration count is not between ${MIN_ITERATIONS} and ${MAX_ITERATIONS}`);
    }
    if (iterations < least) {
      throw new ProtocolError("downgrade", `Cannot log in: the server asks for ${iterations} rounds, before ${least}`, {
        details: { problem: "downgrade_rounds", iterations, least },
      });
    }
    const withoutProof = `c=${GS2_NONE},r=${nonce}`;
    const authMessage = utf8(`${this.#bare},${serverFirst},${withoutProof}`);
    const keys: ScramKeys = await deriveKeys(password, { salt, iterations });
    const proof = xor(keys.clientKey, await hmac(keys.storedKey, authMessage));
    this.#signature = await hmac(keys.serverKey, authMessage);
    this.#step("over", "final_sent");
    return `${withoutProof},p=${proof.toBase64()}`;
  }

  /**
   * Takes server-final; returns when the server has proven that it knows the verifier.
   *
   * @throws {ProtocolError} `bad_server_signature` when the signature is missing or wrong, `bad_sasl` for an error that
   * is about the exchange
   * @throws {LoginError} `login_incorrect` when the server says so (`e=invalid-proof`, `e=unknown-user`)
   */
  verify(serverFinal: string): void {
    this.#step("final_sent", "over");
    const result = readVerdict(serverFinal);
    if ("error" in result) {
      if (result.error === "invalid-proof" || result.error === "unknown-user") {
        throw new LoginError("login_incorrect", "Cannot log in: name or password is wrong");
      }
      throw badSasl(`the server ended the exchange with the error ${result.error}`);
    }
    const expected = this.#signature;
    if (expected === undefined || !equal(result.signature, expected)) throw badSignature("it is wrong");
  }

  #step(from: "new" | "first_sent" | "final_sent" | "over", to: "first_sent" | "final_sent" | "over"): void {
    if (this.#state !== from) throw over();
    this.#state = to;
  }
}

/** What the client refuses when a server claims success: {@linkcode ScramClient.verify} and callers without a message. */
export function badSignature(reason: string): ProtocolError {
  return new ProtocolError("bad_server_signature", `Cannot trust the server's signature: ${reason}`, {
    details: { reason },
  });
}

/** Base64 of `n,,`. */
const GS2_NONE = "biws";

function readVerdict(serverFinal: string): ReturnType<typeof parseServerFinal> {
  try {
    return parseServerFinal(serverFinal);
  } catch (cause) {
    throw cause instanceof ProtocolError && cause.code === "bad_sasl"
      ? badSignature("it is missing or unreadable")
      : cause;
  }
}

/** Our caller's mistake: a step out of its order. */
function over(): UsageError {
  return new UsageError("closed", "Cannot go on with the SCRAM exchange: this step is over");
}
