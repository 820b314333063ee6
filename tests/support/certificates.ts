/**
 * Certificates as a test needs them.
 *
 * @module
 */
import { makeDevCertificate } from "../../lib/commands/admin/dev_certificate.ts";

/** Paths of what {@linkcode writeCertificate} wrote. */
export interface CertificateFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** How a certificate differs from a good one for `localhost`, `127.0.0.1` and `::1`. */
export interface CertificateSpec {
  readonly names?: readonly string[];
  /** From now, in ms; negative for the past. */
  readonly validFrom?: number;
  readonly validTo?: number;
}

const HOUR = 3_600_000;

/** Writes `ca.pem`, `cert.pem` and `key.pem` into a folder, replacing what is there. */
export async function writeCertificate(folder: string, spec: CertificateSpec = {}): Promise<CertificateFiles> {
  const { names = ["localhost", "127.0.0.1", "::1"], validFrom = -HOUR, validTo = HOUR } = spec;
  const now = Date.now();
  const made = await makeDevCertificate({
    names,
    notBefore: new Date(now + validFrom),
    notAfter: new Date(now + validTo),
  });
  Deno.mkdirSync(folder, { recursive: true });
  const files = { ca: `${folder}/ca.pem`, cert: `${folder}/cert.pem`, key: `${folder}/key.pem` };
  Deno.writeTextFileSync(files.key, made.key, { mode: 0o600 });
  Deno.writeTextFileSync(files.cert, made.cert);
  Deno.writeTextFileSync(files.ca, made.ca);
  return files;
}
