/**
 * Ways to write rows of the table: bytes there and back, and conversations.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { bytesOf } from "../../support/framing_vectors.ts";
import type { Group, HostileCase } from "../../support/hostile.ts";

/** Bytes of a row: one byte a character where it is text. */
export type Wire = string | Uint8Array;

/** A row of bytes. */
export interface StreamRow {
  readonly sends: Wire;
  /** What comes back before the end; default: all that was sent. */
  readonly returns?: Wire;
  /** Whether the client ends its side; else the server ends the connection. */
  readonly finish?: boolean;
  readonly framing?: string;
}

/** Bytes that are sent on one connection, and what must come back until its end. */
export function stream(
  group: Group,
  name: string,
  { sends, returns, finish = false, framing }: StreamRow,
): HostileCase {
  const wire = asBytes(sends);
  const expected = returns === undefined ? wire : asBytes(returns);
  return {
    ...{ group, name, mode: "echo", sends: shown(wire) },
    ...(framing === undefined ? {} : { framing }),
    must: `${expected.length} bytes come back, then the end`,
    run: async (target) => assertEquals(await target.exchange(wire, { finish }), expected),
  };
}

/** Messages of one dialogue in mode `auth`, each with what its answer must look like. */
export function talk(group: Group, name: string, turns: readonly (readonly [string, RegExp])[]): HostileCase {
  return {
    ...{ group, name, mode: "auth" },
    sends: turns.map(([message]) => JSON.stringify(message.slice(0, 60))).join(", "),
    must: turns.map(([, answer]) => answer.source).join(", "),
    run: async (target) => {
      await using client = await target.client();
      for (const [message, answer] of turns) assertMatch(await client.say(message), answer);
    },
  };
}

/** The bytes of a {@linkcode Wire}. */
function asBytes(wire: Wire): Uint8Array {
  return typeof wire === "string" ? bytesOf(wire) : wire;
}

function shown(wire: Uint8Array): string {
  const head = wire.subarray(0, 24).toHex();
  return wire.length > 24 ? `${head}… (${wire.length} bytes)` : head || "nothing";
}
