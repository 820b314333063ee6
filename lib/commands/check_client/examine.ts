/**
 * The examination of a client: every check that was asked for, in an order in which one can build on another.
 *
 * @module
 */
import { largeReply, mergedReplies, splitReply, splitUtf8 } from "./frame_scripts.ts";
import { wholeFrames } from "./whole_frames.ts";
import { manyMessages, noHang, reconnects, serverLeaves } from "./life_scripts.ts";
import {
  CLIENT_CHECK_IDS,
  CLIENT_CHECKS,
  type ClientCheckId,
  type MessageKey,
  type Outcome,
  skipped,
} from "./outcome.ts";
import { type ClientHarness, NoClient } from "./client_harness.ts";

/** A check and what it came to. */
export interface ClientFinding {
  readonly id: ClientCheckId;
  readonly task: number;
  readonly outcome: Outcome;
}

const SCRIPTS: Readonly<Record<Exclude<ClientCheckId, "whole-frames">, (harness: ClientHarness) => Promise<Outcome>>> =
  {
    "split-reply": splitReply,
    "merged-replies": mergedReplies,
    "large-reply": largeReply,
    "split-utf8": splitUtf8,
    "many-messages": manyMessages,
    "no-hang": noHang,
    "server-leaves": serverLeaves,
    "reconnects": reconnects,
  };

/** What a client that fails the one check cannot pass, for the same reason. */
const FOLLOWS: Partial<Record<ClientCheckId, readonly ClientCheckId[]>> = {
  "large-reply": ["split-reply"],
  "split-utf8": ["whole-frames", "split-reply"],
  "server-leaves": ["no-hang"],
};

/** Mistakes after which nothing can be said to the client that it would understand. */
const SPEECHLESS: ReadonlySet<MessageKey> = new Set<MessageKey>([
  "skipped_silent",
  "skipped_wordless",
  "counts_header",
  "counts_no_line_end",
  "unknown_header",
  "incomplete",
]);

export interface Examination {
  /** The lab's tasks; empty for all of them, each as far as the client has got. */
  readonly tasks: ReadonlySet<number>;
  readonly onFinding?: (finding: ClientFinding) => void;
}

/**
 * Examines the client on the harness. When the harness's signal is aborted, what is left is skipped.
 *
 * @throws {NoClient} when none came for the first check.
 * @throws {UsageError} `bad_value`, when the command cannot be started.
 */
export async function examineClient(
  harness: ClientHarness,
  { tasks, onFinding }: Examination,
): Promise<ClientFinding[]> {
  const findings = new Map<ClientCheckId, Outcome>();
  const ids = CLIENT_CHECK_IDS.filter((id) => tasks.size === 0 || tasks.has(CLIENT_CHECKS[id]));
  // Whether it is asked for or not: the other checks need to know how the client frames and what it prints.
  const first = await wholeFrames(harness, { wantsHeader: tasks.has(CLIENT_CHECKS["whole-frames"]) });
  for (const id of ids) {
    const outcome = id === "whole-frames" ? atEnd(harness, first) : await examine(harness, id, { first, findings });
    findings.set(id, outcome);
    onFinding?.({ id, task: CLIENT_CHECKS[id], outcome });
  }
  await harness.close();
  return Array.from(findings, ([id, outcome]) => ({ id, task: CLIENT_CHECKS[id], outcome }));
}

async function examine(
  harness: ClientHarness,
  id: Exclude<ClientCheckId, "whole-frames">,
  { first, findings }: { readonly first: Outcome; readonly findings: ReadonlyMap<ClientCheckId, Outcome> },
): Promise<Outcome> {
  if (harness.options.signal.aborted) return skipped("skipped_time");
  if (first.diagnosis !== undefined && SPEECHLESS.has(first.diagnosis.key)) {
    return first.status === "skipped" ? skipped("skipped_unknown") : skipped("skipped_after", { id: "whole-frames" });
  }
  if (CLIENT_CHECKS[id] === CLIENT_CHECKS["whole-frames"] && harness.framing?.hasBoundaries !== true) {
    return first.status === "skipped" && first.diagnosis !== undefined
      ? skipped(first.diagnosis.key)
      : skipped("skipped_raw");
  }
  if (first.diagnosis?.key === "reply_not_understood" && CLIENT_CHECKS[id] === CLIENT_CHECKS["whole-frames"]) {
    return skipped("skipped_after", { id: "whole-frames" });
  }
  const cause = FOLLOWS[id]?.find((of) => (of === "whole-frames" ? first : findings.get(of))?.status === "failed");
  if (cause !== undefined) return skipped("skipped_after", { id: cause });
  try {
    return atEnd(harness, await SCRIPTS[id](harness));
  } catch (error) {
    if (!(error instanceof NoClient)) throw error;
    return harness.options.signal.aborted ? skipped("skipped_time") : skipped("skipped_no_client");
  }
}

/** What a check came to that was ended from outside says nothing. */
function atEnd(harness: ClientHarness, outcome: Outcome): Outcome {
  return harness.options.signal.aborted && outcome.status !== "passed" ? skipped("skipped_time") : outcome;
}
