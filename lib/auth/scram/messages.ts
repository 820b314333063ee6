/**
 * The four messages of SCRAM (RFC 5802, section 7), read and written. Reading is strict: attributes in the order of the
 * grammar, canonical base64, no mandatory extension (`m=`). Optional extensions are skipped, as section 5.1 demands.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import { type Bytes, parseBase64 } from "../../base/bytes.ts";

/** client-first-message: `n,,n=user,r=nonce`. */
export interface ClientFirst {
  /** As sent: what the client's next message must repeat under `c=`. */
  readonly gs2Header: string;
  /** The message without its gs2 header. */
  readonly bare: string;
  readonly name: string;
  readonly nonce: string;
}

/** server-first-message: `r=nonce,s=salt,i=iterations`. */
export interface ServerFirst {
  readonly nonce: string;
  readonly salt: Bytes;
  readonly iterations: number;
}

/** client-final-message: `c=biws,r=nonce,p=proof`. */
export interface ClientFinal {
  /** Base64 of the gs2 header. */
  readonly channelBinding: string;
  readonly nonce: string;
  readonly proof: Bytes;
  /** What the proof is made over. */
  readonly withoutProof: string;
}

/** server-final-message: `v=signature` or `e=error`. */
export type ServerFinal = { readonly signature: Bytes } | { readonly error: string };

/** Longest nonce of a client, in characters: far more than anyone sends, and the answer still fits its frame. */
const MAX_CLIENT_NONCE = 512;

/** A peer's SCRAM message that cannot be gone on with. `reason` holds nothing of the message. */
export function badSasl(reason: string): ProtocolError {
  return new ProtocolError("bad_sasl", `Cannot use the SCRAM message: ${reason}`, { details: { reason } });
}

/**
 * Reads a client-first-message. The gs2 flag may be `n` or `y`: a client that could bind the channel, but takes the
 * server for one that cannot, is right (RFC 5802, section 6).
 *
 * @throws {ProtocolError} `bad_sasl`
 */
export function parseClientFirst(message: string): ClientFirst {
  const [, flag, authzid, bare] = /^([^,]*),([^,]*),(.*)$/s.exec(message) ?? [];
  if (flag === undefined || authzid === undefined || bare === undefined) throw badSasl("it has no gs2 header");
  if (flag.startsWith("p=")) throw badSasl("channel binding is not supported here");
  if (flag !== "n" && flag !== "y") throw badSasl("its gs2 header is not n,,");
  if (authzid !== "") throw badSasl("logging in for another user (a=) is not supported here");
  const [user, nonce, ...extensions] = attributes(bare);
  const name = user?.key === "n" ? unescapeName(user.value) : undefined;
  if (name === undefined) throw badSasl("its user name (n=) is missing or wrongly escaped");
  if (nonce?.key !== "r" || !isNonce(nonce.value)) throw badSasl("its nonce (r=) is missing or not printable ASCII");
  if (nonce.value.length > MAX_CLIENT_NONCE) throw badSasl(`its nonce (r=) is longer than ${MAX_CLIENT_NONCE}`);
  skip(extensions);
  return { gs2Header: `${flag},,`, bare, name, nonce: nonce.value };
}

/** Reads a server-first-message; the bounds of its iteration count are the client's to check. */
export function parseServerFirst(message: string): ServerFirst {
  const [nonce, salt, iterations, ...extensions] = attributes(message);
  if (nonce?.key !== "r" || !isNonce(nonce.value)) throw badSasl("its nonce (r=) is missing or not printable ASCII");
  const saltBytes = salt?.key === "s" ? parseBase64(salt.value) : undefined;
  if (saltBytes === undefined || saltBytes.length === 0) throw badSasl("its salt (s=) is missing or not base64");
  const rounds = iterations?.key === "i" && /^[1-9][0-9]{0,15}$/.test(iterations.value) ? iterations.value : undefined;
  if (rounds === undefined) throw badSasl("its iteration count (i=) is missing or not a number");
  skip(extensions);
  return { nonce: nonce.value, salt: saltBytes, iterations: Number(rounds) };
}

/** Reads a client-final-message; a proof of any length, the server compares it. */
export function parseClientFinal(message: string): ClientFinal {
  const [binding, nonce, ...rest] = attributes(message);
  const proof = rest.pop();
  if (binding?.key !== "c" || parseBase64(binding.value) === undefined) {
    throw badSasl("its channel binding (c=) is missing or not base64");
  }
  if (nonce?.key !== "r" || !isNonce(nonce.value)) throw badSasl("its nonce (r=) is missing or not printable ASCII");
  const proofBytes = proof?.key === "p" ? parseBase64(proof.value) : undefined;
  if (proofBytes === undefined) throw badSasl("its proof (p=) is missing, not last, or not base64");
  skip(rest);
  const withoutProof = message.slice(0, message.lastIndexOf(",p="));
  return { channelBinding: binding.value, nonce: nonce.value, proof: proofBytes, withoutProof };
}

/** Reads a server-final-message. */
export function parseServerFinal(message: string): ServerFinal {
  const [verdict, ...extensions] = attributes(message);
  skip(extensions);
  if (verdict?.key === "e" && /^[a-z0-9-]{1,64}$/.test(verdict.value)) return { error: verdict.value };
  const signature = verdict?.key === "v" ? parseBase64(verdict.value) : undefined;
  if (signature === undefined) throw badSasl("the server's signature (v=) is missing or not base64");
  return { signature };
}

/** A name as `n=` carries it: RFC 5802, section 5.1. */
export function escapeName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

/** `undefined` where the grammar's `saslname` ends: no character, NUL, or an equals sign that escapes nothing. */
function unescapeName(escaped: string): string | undefined {
  if (escaped === "" || escaped.includes("\0") || /=(?!2C|3D)/.test(escaped)) return undefined;
  return escaped.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

interface Attribute {
  readonly key: string;
  readonly value: string;
}

function attributes(message: string): Attribute[] {
  return message.split(",").map((part) => {
    const [, key, value] = /^([A-Za-z])=([^\0]+)$/s.exec(part) ?? [];
    if (key === undefined || value === undefined) throw badSasl("it is no list of attributes");
    if (key === "m") throw badSasl("it demands an extension (m=), and none is supported here");
    return { key, value };
  });
}

/** What may follow the known attributes; {@linkcode attributes} has checked the form, and the letters known stay out. */
function skip(extensions: readonly Attribute[]): void {
  if (extensions.some(({ key }) => "acehinprsv".includes(key))) throw badSasl("an attribute stands out of its order");
}

/** RFC 5802, section 7: `printable`, which is ASCII without controls, space and comma. */
export function isNonce(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(text);
}
