/**
 * Clients as a test needs them: framed, or as plain as a socket can be.
 *
 * @module
 */
import { FramedConn, type FramedConnOptions } from "../../lib/framed_conn.ts";
import { python } from "./python.ts";
import { type Finished, PATIENCE, runProgram } from "./programs.ts";

/** A plain connection to a port of this machine. */
export async function dial(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  return conn;
}

/** A framed connection to a port of this machine. */
export async function dialFramed(port: number, options?: FramedConnOptions): Promise<FramedConn> {
  return new FramedConn(await dial(port), options);
}

/** Everything until the peer's end. */
export async function readToEnd(conn: Deno.Conn): Promise<Uint8Array> {
  return await new Response(conn.readable).bytes();
}

/** Writes all of it: the kernel takes as much as it likes at a time. */
export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** A frame of the default framing. */
export function frame(payload: string | Uint8Array): Uint8Array {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const framed = new Uint8Array(4 + bytes.length);
  new DataView(framed.buffer).setUint32(0, bytes.length);
  framed.set(bytes, 4);
  return framed;
}

/** Checks that a server answers a new client, at a port or a Unix socket's path. */
export async function isServed(at: number | string): Promise<boolean> {
  await using conn = typeof at === "number"
    ? await dialFramed(at)
    : new FramedConn(await Deno.connect({ transport: "unix", path: at }));
  await conn.send("still there?");
  return await conn.receiveText() === "still there?";
}

/** Resolves once a server that may be refusing clients answers one again. */
export async function servedAgain(port: number): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!await isServed(port).catch(() => false)) {
    if (performance.now() > end) throw new Error("The server does not serve again");
  }
}

/** Runs a Python script; `args` are `sys.argv[1:]`. */
export async function runPython(script: string, args: readonly (string | number)[]): Promise<Finished> {
  return await runProgram(python(), ["-c", `${PYTHON_PRELUDE}\n${script}`, ...args.map(String)]);
}

/** What every Python script here begins with: no test waits for ever. */
const PYTHON_PRELUDE = `import os, socket, struct, sys, threading
socket.setdefaulttimeout(${PATIENCE / 1000})`;

/** A field of /proc/PID/status in bytes: `VmRSS`, `VmHWM`. */
export function memoryOf(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

/** Whether {@linkcode memoryOf} works here. */
export const hasProc = Deno.build.os === "linux";
