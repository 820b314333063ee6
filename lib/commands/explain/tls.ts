/**
 * TLS on either side of the proxy: with a certificate of its own before the client, with TLS to the server, or both. What
 * is inside passes through explain in the clear, and is explained, masked and captured as anything else.
 *
 * @module
 */
import { certificateFiles } from "../../cli/certificate_files.ts";
import { BufferPool } from "../../net/buffers.ts";
import { Certificate, type TlsIdentity } from "../../net/certificate.ts";
import type { Target } from "../../net/dial.ts";
import type { TlsTrust } from "../../net/tls_client.ts";
import { TlsServerConn } from "../../net/tls_conn.ts";
import type { Socket } from "../../net/wire.ts";
import { tlsTrust } from "../connection/config.ts";
import type { ExplainLine } from "./report.ts";

/** Which sides speak TLS. */
export interface TlsSides {
  /** What clients are greeted with; `undefined`: they come in plain text. */
  readonly identity: TlsIdentity | undefined;
  /** Whom to trust on the way to the server; `undefined`: it goes there in plain text. */
  readonly trust: TlsTrust | undefined;
}

/**
 * The sides that the options say.
 *
 * @throws {UsageError} `tls_usage`
 * @throws {ConfigError} `bad_tls_file`, `untrusted_file`
 */
export function tlsSides(values: ExplainLine["values"], target: Target): TlsSides {
  const files = certificateFiles(values);
  return { identity: files && new Certificate(files).current(), trust: tlsTrust(values, target) };
}

/** A client's connection that is to begin with a handshake. */
interface SecuredClient {
  readonly socket: Socket;
  /** Goes through it, within the time. Rejects where there is none, and the connection is closed. */
  handshake(timeout: number): Promise<void>;
}

/** Takes a client's connection over. */
export function securedClient(accepted: Socket, identity: TlsIdentity): SecuredClient {
  const secured = new TlsServerConn(accepted, { identity, pool: new BufferPool() });
  return {
    socket: Object.assign(secured, { remoteAddr: accepted.remoteAddr }),
    handshake: async (timeout) => {
      const timer = setTimeout(() => secured.close(), timeout);
      try {
        await secured.handshake();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
