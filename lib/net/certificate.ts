/**
 * The server's certificate and its key: read from two files, tried out, and read again when asked to.
 *
 * @module
 */
import { ConfigError } from "../base/errors.ts";
import { readTrusted } from "../base/text_file.ts";
import { badTlsFile, unreadableTlsFile } from "./tls.ts";

/** The two files. */
export interface CertificateFiles {
  /** The server's certificate, and those between it and its authority, in PEM. */
  readonly cert: string;
  /** Its private key, in PEM. */
  readonly key: string;
}

/** What new connections are greeted with: PEM texts that belong together. */
export interface TlsIdentity {
  /** The server's certificate, and those between it and its authority. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/** A certificate in use. */
export class Certificate {
  readonly #files: CertificateFiles;
  #identity: TlsIdentity;

  /**
   * Reads and tries the files.
   *
   * @throws {ConfigError} `bad_tls_file`, naming the file; `untrusted_file`, when others can read the key or replace it.
   */
  constructor(files: CertificateFiles) {
    this.#files = files;
    this.#identity = read(files);
  }

  /** What to greet a new connection with. */
  readonly current = (): TlsIdentity => this.#identity;

  /**
   * Reads the files again. When they cannot be used, everything stays as it was.
   *
   * @throws {ConfigError} `bad_tls_file`, `untrusted_file`
   */
  reload(): void {
    this.#identity = read(this.#files);
  }

  /** SHA-256 of the certificate, hexadecimal: what `openssl x509 -fingerprint -sha256` prints, without colons. */
  async fingerprint(): Promise<string> {
    const [, body = ""] = CERTIFICATE.exec(this.#identity.cert) ?? [];
    const digest = await crypto.subtle.digest("SHA-256", Uint8Array.fromBase64(body));
    return new Uint8Array(digest).toHex();
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/;

function read({ cert, key }: CertificateFiles): TlsIdentity {
  const certificates = readPem(cert);
  if (!CERTIFICATE.test(certificates)) throw badTlsFile(cert, "tls_no_certificate");
  const identity = { cert: certificates, key: readPem(key, { secret: true }) };
  if (identity.key.includes("ENCRYPTED")) throw badTlsFile(key, "tls_key_encrypted");
  try {
    // The library looks at both, and at whether they belong together, when it begins to listen, and at no other time.
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...identity }).close();
  } catch (error) {
    throw fault(error, { cert, key });
  }
  return identity;
}

function readPem(path: string, { secret = false }: { readonly secret?: boolean } = {}): string {
  try {
    return readTrusted(path, { secret, lossy: true });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw unreadableTlsFile(path, error);
  }
}

/** By the words of the TLS library: it has no codes. */
function fault(error: unknown, { cert, key }: CertificateFiles): unknown {
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  const { message } = error;
  if (/KeyMismatch/.test(message)) return badTlsFile(key, "tls_key_mismatch", error);
  if (/No keys found/.test(message)) return badTlsFile(key, "tls_no_key", error);
  if (/private key/i.test(message)) return badTlsFile(key, "tls_bad_key", error);
  if (/certificate/i.test(message)) return badTlsFile(cert, "tls_bad_certificate", error);
  return error;
}
