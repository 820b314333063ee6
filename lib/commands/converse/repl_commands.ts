/**
 * What a line that begins with a slash does in the conversation. `//` begins a message with a slash.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import type { Framing } from "../../framing/framing.ts";
import { nearest, parseNamed } from "../../cli/options.ts";
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
 * @throws {UsageError} `unknown_command`, `missing_value`, `bad_value`
 * @throws {StorageError} `cannot_read`
 */
export async function readLine(line: string, style: { readonly hex: boolean }): Promise<Typed> {
  const message = (text: string): Uint8Array => messageOf(text, style);
  if (!line.startsWith("/") || line.startsWith("//")) {
    return { type: "messages", messages: [message(line.replace(/^\/\//, "/"))], times: 1 };
  }
  const [, name = "", rest = ""] = /^(\S+)\s?([^]*)$/.exec(line) ?? [];
  if (rest.trim() === "" && /^[A-Z]/.test(operandOf(name))) {
    throw new UsageError("missing_value", `Cannot run ${name}: it is incomplete`, {
      details: { action: "call", form: `${name} ${operandOf(name)}` },
    });
  }
  switch (name) {
    case "/hex":
      return rest === ""
        ? { type: "hex" }
        : { type: "messages", messages: [parseNamed(name, rest, (text) => messageOf(text, { hex: true }))], times: 1 };
    case "/file":
      return { type: "messages", messages: await givenMessages([`@${rest.trim()}`], style), times: 1 };
    case "/repeat": {
      const [, count = "", text = ""] = /^(\S+)\s?([^]*)$/.exec(rest.trimStart()) ?? [];
      return { type: "messages", messages: [message(text)], times: parseNamed(name, count, parsePositive) };
    }
    case "/framing":
      return { type: "framing", framing: parseNamed(name, rest, parseFraming) };
    case "/help":
    case "/stats":
    case "/reconnect":
    case "/quit":
      return {
        type: name === "/help" ? "help" : name === "/stats" ? "stats" : name === "/quit" ? "quit" : "reconnect",
      };
    default: {
      const near = nearest(name, Object.keys(COMMANDS));
      throw new UsageError("unknown_command", `Cannot run ${name}: there is no such command`, {
        details: { action: "call", command: name, ...(near === undefined ? {} : { nearest: near }) },
      });
    }
  }
}

function operandOf(name: string): string {
  return Object.entries(COMMANDS).find(([command]) => command === name)?.[1] ?? "";
}
