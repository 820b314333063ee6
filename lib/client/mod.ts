/**
 * An echo client inside a program: connects, logs in, sends messages, and compares their echoes.
 *
 * @example
 * ```ts
 * import { connect } from "./mod.ts";
 * import { startEchoServer } from "../server/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await startEchoServer();
 * await using client = await connect({ port: server.port });
 * const { differsAt, rttMs } = await client.echo("hello");
 * assertEquals([differsAt, rttMs >= 0], [-1, true]);
 * ```
 *
 * @module
 */
export * from "../framed_conn.ts";
export { connect, EchoClient, type EchoClientOptions, type Login } from "./echo_client.ts";
export type { Echo } from "./echo_matcher.ts";
export { Conversation, type ConversationEvent, type ConversationOptions } from "./conversation.ts";
export type { DialogueResult } from "../protocol/client_dialogue.ts";
export type { Connection } from "../net/dial.ts";
