/**
 * Checks of a server that takes its time, and serves several clients at once: they need not wait for each other.
 *
 * @module
 */
import type { Check, Context } from "./context.ts";
import type { CheckId } from "./ids.ts";
import type { Outcome } from "./messages.ts";
import { NotServed } from "./not_served.ts";

/** Those that ask on a connection, and those after which somebody else has to be served, as they may end the server. */
const TOGETHER: readonly ReadonlySet<CheckId>[] = [
  new Set(["byte-lengths", "emoji", "empty-message", "merged-frames", "split-header", "large-frame", "split-utf8"]),
  new Set(["leave-half-close", "leave-mid-frame", "leave-reset"]),
];

/**
 * Runs those of the checks that do not need the server to themselves, each with a client of its own.
 *
 * @returns What passed. What did not may have suffered from the others, and is to be done by itself.
 */
export async function passedAtOnce(checks: readonly Check[], context: Context): Promise<Map<CheckId, Outcome>> {
  const passed = new Map<CheckId, Outcome>();
  for (const together of TOGETHER) {
    await Promise.all(
      checks.filter(({ id }) => together.has(id)).map(async (check) => {
        using server = context.server.forked();
        const outcome = await outcomeOf(check, { ...context, server });
        context.server.connections += server.connections;
        if (outcome?.status === "passed") passed.set(check.id, outcome);
      }),
    );
  }
  return passed;
}

async function outcomeOf(check: Check, context: Context): Promise<Outcome | undefined> {
  try {
    return check.unfit?.(context) ?? await check.run(context);
  } catch (error) {
    if (error instanceof NotServed) return undefined;
    throw error;
  }
}
