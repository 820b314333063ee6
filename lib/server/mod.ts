/**
 * A framed, authenticated echo server inside a program: for the tests of a client, first of all.
 *
 * @example
 * ```ts
 * import { startEchoServer } from "./mod.ts";
 *
 * await using server = await startEchoServer({ mode: "auth", users: { Anna: "correct horse" } });
 * console.assert(server.port > 0);
 * ```
 *
 * @module
 */
export * from "../framed_conn.ts";
export { EchoServer, type EchoServerOptions, type ServerEvent, startEchoServer } from "./echo_server.ts";
export type { TlsIdentity } from "../net/certificate.ts";
export type { AdmissionLimits } from "./admission.ts";
export type { DeadlineLimits } from "./deadlines.ts";
export type { LogFields, LogLevel } from "./log.ts";
export type { ServeLimits } from "./serve_options.ts";
