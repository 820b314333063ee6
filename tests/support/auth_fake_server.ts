/**
 * A server of mode `auth` that knows the password and breaks one rule of SCRAM, for clients that must notice.
 *
 * @module
 */
import { utf8 } from "../../lib/base/bytes.ts";
import { hmac } from "../../lib/auth/crypto.ts";
import { parseVerifier } from "../../lib/auth/verifier.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { decodeText, encodeText } from "../../lib/protocol/commands.ts";
import { VERIFIER } from "./auth.ts";

/** A running false server. */
export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** What clients have said. */
  readonly received: readonly string[];
}

/** What it does wrong. */
export const FAULTS = [
  "leaves its signature out",
  "signs wrongly",
  "asks for 1 iteration",
  "asks for 2,000,001 iterations",
  "makes a nonce of its own",
  "returns the client's nonce alone",
  "offers plain passwords alone",
] as const;

/** Starts one on a free port of this machine. */
export function fakeServer(fault: string): FakeServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received: string[] = [];
  const serving = (async (): Promise<void> => {
    for await (const wire of listener) {
      await using conn = new FramedConn(wire);
      await converse(conn, fault, received).catch(() => {/* The client has left, perhaps with a reset. */});
    }
  })();
  return {
    port: listener.addr.transport === "tcp" ? listener.addr.port : 0,
    received,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await serving;
    },
  };
}

/** One client, until it leaves. */
async function converse(conn: FramedConn, fault: string, received: string[]): Promise<void> {
  const ask = async (reply: string): Promise<string> => {
    await conn.send(reply);
    const text = await conn.receiveText() ?? "";
    received.push(text);
    return text;
  };
  const offered = fault === "offers plain passwords alone" ? "PLAIN" : "SCRAM-SHA-256 TOKEN PLAIN";
  const first = await ask(`331 [AUTH ${offered}] What is your name?`);
  const bare = decodeText(first.split(" ")[2] ?? "")?.slice("n,,".length);
  if (bare === undefined) return;
  const own = bare.split("r=")[1] ?? "";
  const nonce = NONCES[fault]?.(own) ?? `${own}server`;
  const { salt, iterations, serverKey } = parseVerifier(VERIFIER);
  const serverFirst = `r=${nonce},s=${salt.toBase64()},i=${ITERATIONS[fault] ?? iterations}`;
  const final = decodeText(await ask(`334 ${encodeText(serverFirst)}`));
  if (final === undefined || final === "") return;
  const signed = utf8(`${bare},${serverFirst},${final.slice(0, final.lastIndexOf(",p="))}`);
  const signature = fault === "signs wrongly" ? new Uint8Array(32) : await hmac(serverKey, signed);
  const tag = fault === "leaves its signature out" ? "" : `[SCRAM ${encodeText(`v=${signature.toBase64()}`)}] `;
  await ask(`235 ${tag}Welcome, anna.`);
}

const NONCES: Readonly<Record<string, (own: string) => string>> = {
  "makes a nonce of its own": () => "another",
  "returns the client's nonce alone": (own) => own,
};

const ITERATIONS: Readonly<Record<string, number>> = {
  "asks for 1 iteration": 1,
  "asks for 2,000,001 iterations": 2_000_001,
};
