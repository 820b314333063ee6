/**
 * Checks of the probe in front of a server that stands behind something.
 *
 * @module
 */
import { assert } from "@std/assert";
import { translator } from "../../lib/cli/texts.ts";
import { type Checked, factText } from "../../lib/commands/probe/facts.ts";
import type { ProbeOptions } from "../../lib/commands/probe/probe_connection.ts";
import { TEXTS } from "../../lib/commands/probe/texts.ts";
import { framingFrom } from "../../lib/framing/framing.ts";
import { startEchoServer } from "../../lib/server/mod.ts";
import { middlebox, type MiddleboxSpec } from "./middleboxes.ts";

const texts = [await translator("en", TEXTS), await translator("ru", TEXTS)];

/** How to probe a port of this machine. */
export function optionsFor(port: number, more: Partial<ProbeOptions> = {}): ProbeOptions {
  return {
    target: { transport: "tcp", host: "127.0.0.1", port },
    ...{ framing: framingFrom("u32"), maxFrame: 1024 * 1024, timeout: 1000, idleMax: 0, ...more },
  };
}

/** A server behind a middlebox. */
export async function behind(spec: Omit<MiddleboxSpec, "to">, work: (port: number) => Promise<void>): Promise<void> {
  await using server = await startEchoServer();
  await using box = middlebox({ ...spec, to: server.port });
  await work(box.port);
}

/** The facts of a check: findings with a mark; each is said in both languages without a hole. */
export function idsOf({ facts }: Checked): string[] {
  for (const fact of facts) {
    for (const t of texts) assert(!/[{}]|undefined|NaN|probe\./.test(factText(fact, t)), factText(fact, t));
  }
  return facts.map(({ id, isFinding }) => isFinding ? `!${id}` : id);
}
