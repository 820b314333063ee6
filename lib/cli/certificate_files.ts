/**
 * `--tls-cert` and `--tls-key`, `--client-cert` and `--client-key`, which belong together.
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
  { cert, key }: { readonly cert: string | undefined; readonly key: string | undefined },
  side: "tls" | "client" = "tls",
): CertificateFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  const [certificate, privateKey] = [`--${side}-cert`, `--${side}-key`];
  const [option, missing] = cert === undefined ? [privateKey, certificate] : [certificate, privateKey];
  throw new UsageError("tls_usage", `Cannot use ${option} without ${missing}`, {
    details: { option, missing, problem: "tls_pair" },
  });
}
