/**
 * Who may look at the screen: everybody on this machine where it listens on loopback, else whoever has the token. The token
 * comes in the address once and goes into a cookie: the address of a page on a projector is read by all.
 *
 * @module
 */
import { equal, sha256 } from "../../../auth/crypto.ts";
import { ConfigError } from "../../../base/errors.ts";
import { utf8 } from "../../../base/bytes.ts";
import { readTrusted } from "../../../base/text_file.ts";
import type { HttpRequest, HttpResponse } from "../../../server/http.ts";

/** Bytes of a token that is made here. */
const TOKEN_BYTES = 16;

/** What a token in a file looks like: it has to fit a cookie (RFC 6265, section 4.1.1) and an address. */
const TOKEN = /^[\w.~-]{16,128}$/;

/**
 * The token in a file.
 *
 * @throws {ConfigError} `untrusted_file`
 * @throws {StorageError} `cannot_read`
 */
export function readToken(path: string): string {
  const token = readTrusted(path, { secret: true }).trim();
  if (TOKEN.test(token)) return token;
  throw new ConfigError("bad_secret_file", `Cannot use ${path}: a token has 16 to 128 letters, digits, dots, - and _`, {
    details: { path },
  });
}

/** Another token each time. */
export function makeToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Lets requests in; undefined where one may pass. */
export type Gate = (request: HttpRequest) => Promise<HttpResponse | undefined>;

/** Lets in whoever has `token`. `refusal`: what the others are shown. */
export function gateOf(token: string, { port, refusal }: { port: number; refusal: () => Promise<string> }): Gate {
  const name = `echo_page_${port}`;
  const isRight = async (given: string | null | undefined): Promise<boolean> =>
    equal(await sha256(utf8(given ?? "")), await sha256(utf8(token)));
  return async ({ path, query, header }) => {
    const [, cookie] = new RegExp(`(?:^|; *)${name}=([^;]*)`).exec(header("cookie") ?? "") ?? [];
    const [, bearer] = /^Bearer +(\S+)$/i.exec(header("authorization") ?? "") ?? [];
    if (await isRight(cookie ?? bearer)) return undefined;
    if (!await isRight(query.get("token"))) {
      return { status: 403, body: await refusal(), contentType: "text/html; charset=utf-8", headers: HEADERS };
    }
    if (path !== "/") return undefined;
    query.delete("token");
    const rest = query.toString();
    const set = `set-cookie: ${name}=${token}; Path=/; HttpOnly; SameSite=Lax`;
    return { status: 303, body: "", headers: [`location: /${rest && `?${rest}`}`, set, ...HEADERS] };
  };
}

/** Nobody else's page may show this one, or learn its address. */
export const HEADERS: readonly string[] = [
  "content-security-policy: frame-ancestors 'none'",
  "cross-origin-resource-policy: same-origin",
  "referrer-policy: no-referrer",
];
