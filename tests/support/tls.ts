/**
 * Servers and clients that speak TLS, as a test needs them.
 *
 * @module
 */
import { FramedConn } from "../../lib/framed_conn.ts";
import { type CertificateFiles, type CertificateSpec, writeCertificate } from "./certificates.ts";
import { type RunningServer, type ServerSpec, startServer, tempDir } from "./tools.ts";

export * from "./certificates.ts";

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
