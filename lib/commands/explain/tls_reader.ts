/**
 * What is inside of TLS, where a key log has the keys: TLS 1.3 (RFC 8446) and 1.2 (RFC 5246) with AES-GCM or
 * ChaCha20-Poly1305, which is what programs agree on today.
 *
 * @module
 */
import { createDecipheriv, createHmac } from "node:crypto";
import { concat, utf8 } from "../../base/bytes.ts";
import type { BothDirections, Direction } from "../capture/direction.ts";
import type { KeyLog } from "./key_log.ts";

/** What passed in the clear, or what was inside. */
export interface Plain {
  readonly from: Direction;
  readonly bytes: Uint8Array;
}

/** What both sides agreed on. */
export interface Agreed {
  readonly version: "1.2" | "1.3";
  /** IANA's name of the cipher suite, without what it says of the key exchange: `AES_128_GCM_SHA256`. */
  readonly cipher: string;
}

interface Suite {
  readonly name: string;
  readonly cipher: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
  readonly hash: "sha256" | "sha384";
}

const AES_128: Suite = { name: "AES_128_GCM_SHA256", cipher: "aes-128-gcm", hash: "sha256" };
const AES_256: Suite = { name: "AES_256_GCM_SHA384", cipher: "aes-256-gcm", hash: "sha384" };
const CHACHA: Suite = { name: "CHACHA20_POLY1305_SHA256", cipher: "chacha20-poly1305", hash: "sha256" };

/** IANA's numbers. */
const SUITES: ReadonlyMap<number, Suite> = new Map([
  ...[0x1301, 0xc02b, 0xc02f, 0x9c, 0x9e].map((code) => [code, AES_128] as const),
  ...[0x1302, 0xc02c, 0xc030, 0x9d, 0x9f].map((code) => [code, AES_256] as const),
  ...[0x1303, 0xcca8, 0xcca9, 0xccaa].map((code) => [code, CHACHA] as const),
]);

/** Content types and handshake types. */
const RECORD = { change: 20, alert: 21, handshake: 22, data: 23 } as const;
const MESSAGE = { client: 1, server: 2, finished: 20, keyUpdate: 24 } as const;

/** Where in a hello's record the random stands: behind both headers and the version. */
const RANDOM = 11;

/** The random of a ServerHello that asks for another ClientHello: SHA-256 of "HelloRetryRequest". */
const RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

/** Longest record with what encryption adds, and longest message of a handshake that is followed, in bytes. */
const MAX_RECORD = 2 ** 14 + 2048;
const MAX_MESSAGE = 256 * 1024;

/** What is held back at most while the hellos are not whole, and while keys are missing, in bytes. */
const MAX_HELLOS = 32 * 1024;
const MAX_HELD = 256 * 1024;

const TAG = 16;
const NOTHING = new Uint8Array(0);

/** Keys of a direction. */
interface Keys {
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  sequence: bigint;
}

interface Side {
  /** Bytes of a record that is not whole, or that waits for its key. */
  carried: Uint8Array;
  /** The beginning of a message of the handshake. */
  message: Uint8Array;
  /** Whether TLS 1.3's handshake is over here, and whether TLS 1.2's encryption has begun. */
  isOpen: boolean;
  keys: Keys | undefined;
}

interface Session extends Agreed {
  readonly suite: Suite;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
}

/** The bytes of one connection, before and behind. What it makes of them may come with a later call. */
export class TlsReader {
  readonly #log: KeyLog;
  readonly #sides: BothDirections<Side> = { client: sideOf(), server: sideOf() };
  /** What came while it was not known what to do with it; `undefined` once it is. */
  #held: Plain[] | undefined = [];
  #size = 0;
  #found: Session | undefined;
  #session: Session | undefined;

  constructor(log: KeyLog) {
    this.#log = log;
  }

  /** What both sides agreed on, once what they say can be read. */
  get agreed(): Agreed | undefined {
    return this.#session;
  }

  /**
   * Takes what passed; what is inside, where it is known.
   *
   * @throws {Error} where the keys do not fit, or do not come.
   */
  take(from: Direction, bytes: Uint8Array): Plain[] {
    if (this.#held !== undefined) {
      this.#held.push({ from, bytes: bytes.slice() });
      this.#size += bytes.length;
      return this.#begin(this.#held);
    }
    if (this.#session === undefined) return [{ from, bytes }];
    return this.#read([{ from, bytes }], this.#session);
  }

  /** What was held back; nothing more comes. Throws what {@linkcode TlsReader.take} throws. */
  end(): Plain[] {
    if (this.#held !== undefined) return this.#begin(this.#held, true);
    return this.#session === undefined ? [] : this.#read([], this.#session);
  }

  #begin(held: Plain[], isLast = false): Plain[] {
    const found = this.#found ?? sessionOf(saidBy("client", held), saidBy("server", held));
    if (typeof found === "object") this.#found = found;
    const session = typeof found === "object" && this.#log.find(found.clientRandom, firstLabel(found))
      ? found
      : undefined;
    const most = found === "other" ? 0 : found === "more" ? MAX_HELLOS : MAX_HELD;
    if (session === undefined && !isLast && this.#size <= most) return [];
    this.#held = undefined;
    this.#session = session;
    return session === undefined ? held : this.#read(held, session);
  }

  #read(pieces: readonly Plain[], session: Session): Plain[] {
    const plain: Plain[] = [];
    for (const { from, bytes } of pieces) {
      const side = this.#sides[from];
      side.carried = concat(side.carried, bytes);
      if (side.carried.length > MAX_HELD) throw new Error("the key log does not have the keys of this TLS connection");
    }
    for (const from of ["server", "client"] as const) {
      for (const bytes of this.#records(from, session)) plain.push({ from, bytes });
    }
    return plain;
  }

  *#records(from: Direction, session: Session): Generator<Uint8Array> {
    const side = this.#sides[from];
    for (;;) {
      const head = side.carried;
      const length = ((head[3] ?? 0) << 8) + (head[4] ?? 0);
      if (length > MAX_RECORD) throw new Error("a TLS record is longer than any may be");
      if (head.length < 5 || head.length < 5 + length) return;
      const record = head.subarray(0, 5 + length);
      const is13 = session.version === "1.3";
      if (record[0] === RECORD.change) side.isOpen ||= !is13;
      else if (is13 ? record[0] === RECORD.data : side.isOpen) {
        const label = is13 ? labelOf(from, side.isOpen) : MASTER;
        const secret = side.keys?.secret ?? this.#log.find(session.clientRandom, label);
        if (secret === undefined) return;
        side.keys ??= is13 ? trafficKeys(secret, session.suite) : keysOf12(secret, { from, session });
        const { type, content } = is13 ? open13(record, side.keys, session) : open12(record, side.keys, session);
        if (type === RECORD.data && content.length > 0) yield content;
        if (type === RECORD.handshake && is13) follow(side, content, session);
      }
      side.carried = side.carried.subarray(5 + length);
    }
  }
}

function sideOf(): Side {
  return { carried: NOTHING, message: NOTHING, isOpen: false, keys: undefined };
}

const MASTER = "CLIENT_RANDOM";

function labelOf(from: Direction, isOpen: boolean): string {
  return isOpen ? `${from.toUpperCase()}_TRAFFIC_SECRET_0` : `${from.toUpperCase()}_HANDSHAKE_TRAFFIC_SECRET`;
}

function firstLabel({ version }: Session): string {
  return version === "1.3" ? labelOf("server", false) : MASTER;
}

function saidBy(side: Direction, held: readonly Plain[]): Uint8Array {
  return concat(...held.flatMap(({ from, bytes }) => from === side ? [bytes] : []));
}

/** What the hellos say, as far as they have come; `other` where it is no TLS, or none that is read here. */
function sessionOf(client: Uint8Array, server: Uint8Array): Session | "more" | "other" {
  const isHello = (bytes: Uint8Array, type: number): boolean =>
    [RECORD.handshake, 3].every((byte, at) => bytes.length <= at || bytes[at] === byte) &&
    (bytes.length <= 5 || bytes[5] === type);
  if (!isHello(client, MESSAGE.client)) return "other";
  // Of a hello in several records the first one says enough.
  for (let rest = server; isHello(rest, MESSAGE.server);) {
    if (client.length === 0 || client.length < RANDOM + 32 || rest.length < 5) return "more";
    const length = 5 + (rest[3] ?? 0) * 256 + (rest[4] ?? 0);
    if (rest.length < length) return "more";
    const hello = rest.subarray(0, length);
    const serverRandom = hello.slice(RANDOM, RANDOM + 32);
    rest = rest.subarray(length);
    if (serverRandom.toHex() === RETRY) {
      // For middleboxes, a record without meaning follows.
      if (rest[0] === RECORD.change) rest = rest.subarray(6);
      continue;
    }
    const at = RANDOM + 33 + (hello[RANDOM + 32] ?? 0);
    const suite = SUITES.get((hello[at] ?? 0) * 256 + (hello[at + 1] ?? 0));
    const version = hello[at] === 0x13 ? "1.3" : hello[10] === 3 ? "1.2" : undefined;
    if (suite === undefined || version === undefined) return "other";
    return { version, cipher: suite.name, suite, serverRandom, clientRandom: client.slice(RANDOM, RANDOM + 32) };
  }
  return "other";
}

/** Messages of TLS 1.3's handshake that change keys. */
function follow(side: Side, content: Uint8Array, { suite }: Session): void {
  let rest = concat(side.message, content);
  while (rest.length >= 4) {
    const length = 4 + (rest[1] ?? 0) * 65_536 + (rest[2] ?? 0) * 256 + (rest[3] ?? 0);
    if (length > MAX_MESSAGE) throw new Error("a message of the TLS handshake is too long");
    if (rest.length < length) break;
    if (rest[0] === MESSAGE.finished) [side.isOpen, side.keys] = [true, undefined];
    else if (rest[0] === MESSAGE.keyUpdate && side.keys !== undefined) {
      const { secret } = side.keys;
      side.keys = trafficKeys(expandLabel(secret, { label: "traffic upd", suite, length: secret.length }), suite);
    }
    rest = rest.subarray(length);
  }
  side.message = rest.slice();
}

function keySize({ cipher }: Suite): number {
  return cipher === "aes-128-gcm" ? 16 : 32;
}

function trafficKeys(secret: Uint8Array, suite: Suite): Keys {
  const key = expandLabel(secret, { label: "key", suite, length: keySize(suite) });
  return { secret, key, iv: expandLabel(secret, { label: "iv", suite, length: 12 }), sequence: 0n };
}

/** HKDF-Expand-Label of RFC 8446, section 7.1, for lengths of one block. */
function expandLabel(
  secret: Uint8Array,
  { label, suite, length }: { readonly label: string; readonly suite: Suite; readonly length: number },
): Uint8Array {
  const name = utf8(`tls13 ${label}`);
  const info = concat(Uint8Array.of(0, length, name.length), name, Uint8Array.of(0, 1));
  return hmac(suite, secret, info).subarray(0, length);
}

/** RFC 5246, sections 5 and 6.3: the master secret makes the keys of both directions. */
function keysOf12(
  secret: Uint8Array,
  { from, session }: { readonly from: Direction; readonly session: Session },
): Keys {
  const { suite, clientRandom, serverRandom } = session;
  const seed = concat(utf8("key expansion"), serverRandom, clientRandom);
  const [size, ivSize] = [keySize(suite), suite === CHACHA ? 12 : 4];
  let [block, a] = [NOTHING, seed];
  while (block.length < 2 * (size + ivSize)) {
    a = hmac(suite, secret, a);
    block = concat(block, hmac(suite, secret, concat(a, seed)));
  }
  const number = from === "client" ? 0 : 1;
  const ivAt = 2 * size + number * ivSize;
  return {
    ...{ secret, key: block.slice(number * size, (number + 1) * size), iv: block.slice(ivAt, ivAt + ivSize) },
    sequence: 0n,
  };
}

function hmac({ hash }: Suite, key: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac(hash, key).update(data).digest());
}

interface Opened {
  readonly type: number | undefined;
  readonly content: Uint8Array;
}

/** RFC 8446, section 5.2: the real type stands behind the content, and zeros behind that. */
function open13(record: Uint8Array, keys: Keys, { suite }: Session): Opened {
  const plain = opened(record.subarray(5), { keys, suite, nonce: nonceOf(keys), about: record.subarray(0, 5) });
  let end = plain.length - 1;
  while (end > 0 && plain[end] === 0) end--;
  return { type: plain[end], content: plain.subarray(0, Math.max(0, end)) };
}

/** RFC 5288 and RFC 7905: GCM sends part of the nonce. */
function open12(record: Uint8Array, keys: Keys, { suite }: Session): Opened {
  const sent = suite === CHACHA ? 0 : 8;
  const nonce = sent === 0 ? nonceOf(keys) : concat(keys.iv, record.subarray(5, 13));
  const size = record.length - 5 - sent - TAG;
  const about = concat(eightBytes(keys.sequence), record.subarray(0, 3), Uint8Array.of(size >> 8, size & 255));
  return { type: record[0], content: opened(record.subarray(5 + sent), { keys, suite, nonce, about }) };
}

function opened(
  sealed: Uint8Array,
  { keys, suite, nonce, about }: {
    readonly keys: Keys;
    readonly suite: Suite;
    readonly nonce: Uint8Array;
    readonly about: Uint8Array;
  },
): Uint8Array {
  keys.sequence++;
  // Two of the names say the same to the types, which differ from cipher to cipher.
  const cipher = suite.cipher === "chacha20-poly1305"
    ? createDecipheriv(suite.cipher, keys.key, nonce, { authTagLength: TAG })
    : createDecipheriv(suite.cipher, keys.key, nonce, { authTagLength: TAG });
  try {
    cipher.setAAD(about, { plaintextLength: sealed.length - TAG });
    cipher.setAuthTag(sealed.subarray(-TAG));
    const plain = new Uint8Array(cipher.update(sealed.subarray(0, -TAG)));
    cipher.final();
    return plain;
  } catch (cause) {
    throw new Error("the keys of the key log do not fit this TLS connection", { cause });
  }
}

function nonceOf({ iv, sequence }: Keys): Uint8Array {
  const nonce = iv.slice();
  for (const [at, byte] of eightBytes(sequence).entries()) nonce[at + 4] = (nonce[at + 4] ?? 0) ^ byte;
  return nonce;
}

function eightBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
