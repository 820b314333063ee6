/**
 * What a line that begins with a slash does in the conversation. `//` begins a message with a slash.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import type { Framing } from "../../framing/framing.ts";
import { parseFraming, parsePositive } from "../../cli/values.ts";
import { givenMessages, messageOf } from "./messages.ts";

/** What a typed line asks for. */
export type Typed =
  | { readonly type: "messages"; readonly messages: readonly Uint8Array[]; readonly times: number }
  | { readonly type: "framing"; readonly framing: Framing }
  | { readonly type: "help" | "stats" | "reconnect" | "hex" | "quit" };

/** The commands, and what stands behind them. */
export const COMMANDS = {
  "/help": "",
  "/stats": "",
  "/hex": "[DIGITS]",
  "/file": "PATH",
  "/repeat": "N TEXT",
  "/framing": "NAME",
  "/reconnect": "",
  "/quit": "",
} as const;

/** The lines that a line with the beginning of a command may become. */
export function complete(line: string): readonly string[] {
  return Object.entries(COMMANDS).filter(([name]) => name.startsWith(line) && line !== "")
    .map(([name, operand]) => operand === "" ? name : `${name} `);
}

/**
 * Reads a typed line.
 *
 * @throws {UsageError} `unknown_command`, `bad_value`, `bad_framing`
 * @throws {StorageError} `cannot_read`
 */
export async function readLine(line: string, style: { readonly hex: boolean }): Promise<Typed> {
  const message = (text: string): Uint8Array => messageOf(text, style);
  if (!line.startsWith("/") || line.startsWith("//")) {
    return { type: "messages", messages: [message(line.replace(/^\/\//, "/"))], times: 1 };
  }
  const [, name = "", rest = ""] = /^(\S+)\s?([^]*)$/.exec(line) ?? [];
  switch (name) {
    case "/hex":
      return rest === "" ? { type: "hex" } : { type: "messages", messages: [messageOf(rest, { hex: true })], times: 1 };
    case "/file":
      return { type: "messages", messages: await givenMessages([`@${rest}`], style), times: 1 };
    case "/repeat": {
      const [, count = "", text = ""] = /^(\S+)\s?([^]*)$/.exec(rest) ?? [];
      return { type: "messages", messages: [message(text)], times: parsePositive(count) };
    }
    case "/framing":
      return { type: "framing", framing: parseFraming(rest) };
    case "/help":
    case "/stats":
    case "/reconnect":
    case "/quit":
      return {
        type: name === "/help" ? "help" : name === "/stats" ? "stats" : name === "/quit" ? "quit" : "reconnect",
      };
    default:
      throw new UsageError("bad_value", `Cannot use ${name}: it is no command`, {
        details: { option: name, value: name, reason: "repl_command", action: "combine" },
      });
  }
}
