/**
 * `--tls-cert` and `--tls-key`, which belong together.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import type { CertificateFiles } from "../net/certificate.ts";

/**
 * The two files; `undefined` where neither is named.
 *
 * @throws {UsageError} `tls_usage`, where one is named alone.
 */
export function certificateFiles(
  { tlsCert: cert, tlsKey: key }: { readonly tlsCert: string | undefined; readonly tlsKey: string | undefined },
): CertificateFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  const [option, missing] = cert === undefined ? ["--tls-key", "--tls-cert"] : ["--tls-cert", "--tls-key"];
  throw new UsageError("tls_usage", `Cannot use ${option} without ${missing}`, {
    details: { option, missing, problem: "tls_pair" },
  });
}
