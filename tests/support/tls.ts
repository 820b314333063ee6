/**
 * Certificates and TLS clients as a test needs them.
 *
 * @module
 */
import { makeDevCertificate } from "../../lib/commands/admin/dev_certificate.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { type RunningServer, type ServerSpec, startServer, tempDir } from "./tools.ts";

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

/** A server that speaks TLS. */
export interface TlsServer extends AsyncDisposable {
  readonly server: RunningServer;
  readonly files: CertificateFiles;
  /** What makes `echo-client` trust it, and where it is. */
  readonly client: readonly string[];
}

/** Starts a server with a certificate of its own. */
export async function startTlsServer(spec: ServerSpec = {}, certificate: CertificateSpec = {}): Promise<TlsServer> {
  const dir = tempDir();
  try {
    const files = await writeCertificate(dir.path, certificate);
    const server = await startServer({
      ...spec,
      args: ["--tls-cert", files.cert, "--tls-key", files.key, ...spec.args ?? []],
    });
    return {
      ...{ server, files, client: ["--tls", "--ca", files.ca, `localhost:${server.port}`] },
      async [Symbol.asyncDispose](): Promise<void> {
        using _dir = dir;
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    dir[Symbol.dispose]();
    throw error;
  }
}

/** A TLS connection after its handshake. */
export async function dialTls(
  port: number,
  ca: string,
  { host = "127.0.0.1", name = "localhost" }: { readonly host?: string; readonly name?: string } = {},
): Promise<Deno.TlsConn> {
  const tcp = await Deno.connect({ hostname: host, port });
  tcp.setNoDelay(true);
  const conn = await Deno.startTls(tcp, { hostname: name, caCerts: [Deno.readTextFileSync(ca)] });
  try {
    await conn.handshake();
    return conn;
  } catch (error) {
    conn.close();
    throw error;
  }
}

/** The same, framed. */
export async function dialFramedTls(...to: Parameters<typeof dialTls>): Promise<FramedConn> {
  return new FramedConn(await dialTls(...to));
}
