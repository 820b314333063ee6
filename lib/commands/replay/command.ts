/**
 * `echo-client replay`: a recording or a capture, played to a server, whose replies are compared with those in it.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { hexText } from "../../base/bytes.ts";
import { escapeJson, escapeText } from "../../base/text.ts";
import { dial } from "../../net/dial.ts";
import type { Invocation } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { countText } from "../../cli/format.ts";
import { print, printText } from "../../cli/output.ts";
import { Progress, secondsSince, UNTOLD } from "../../cli/progress.ts";
import { captureError } from "../capture/capture_error.ts";
import { readCapture } from "../capture/read_capture.ts";
import type { TraceEvent } from "../capture/trace.ts";
import { familyAsked, targetOf } from "../connection/config.ts";
import type { Difference } from "./comparison.ts";
import type { REPLAY_OPTIONS } from "./options.ts";
import { Player } from "./player.ts";
import type { ReplayKey, Translate } from "./texts.ts";

/**
 * Plays the file; resolves to 10 where the replies are not those that were recorded.
 *
 * @throws {UsageError} `bad_value`, for `-4` with `-6`.
 * @throws {ProtocolError} `bad_capture`
 * @throws {StorageError} `cannot_read`
 * @throws {NetworkError} where the server is not reached.
 */
export async function replay({ line, texts }: Invocation<typeof REPLAY_OPTIONS, ReplayKey>): Promise<number> {
  const [path = "", ...positionals] = line.positionals;
  const { values } = line;
  const target = targetOf({ ...line, positionals });
  const { timeout, fast } = values;
  const framing = values.framing === "auto" ? undefined : values.framing;
  const t = await texts();
  const tell = values.json ? inJson : inText(t, timeout);
  const players = new Map<number, Player>();
  const totals = { connections: 0, differing: 0, udp: 0, sent_bytes: 0, compared_bytes: 0 };
  const family = familyAsked(values);
  let began: { readonly recorded: number; readonly now: number } | undefined;

  using progress = new Progress({ after: UNTOLD });
  const finish = async (player: Player): Promise<void> => {
    players.delete(player.connection);
    await player.finish();
    progress.clear();
    const isEqual = tell.connection(player);
    if (!isEqual) totals.differing++;
    totals.sent_bytes += player.sentBytes;
    totals.compared_bytes += player.comparison.compared;
  };
  const play = async (event: TraceEvent): Promise<void> => {
    if (event.kind === "open") {
      if (event.transport === "udp") return void totals.udp++;
      totals.connections++;
      const conn = await dial(target, { timeout, family });
      const { connection } = event;
      players.set(connection, new Player(conn, { connection, framing, timeout }));
      return;
    }
    const player = players.get(event.connection);
    if (player === undefined) return;
    switch (event.kind) {
      case "data":
        if (event.from === "server") return await player.expect(event);
        if (event.masked.length > 0) throw captureError({ problem: "masked", at: event.connection, path });
        return await player.send(event);
      case "end":
        return await player.ended(event);
      case "close":
        return await finish(player);
    }
  };
  const started = performance.now();
  try {
    using _following = progress.follow(() =>
      t("replay.progress", {
        connections: totals.connections,
        s: secondsSince(started),
      })
    );
    for await (const event of readCapture({ path })) {
      began ??= { recorded: event.at, now: performance.now() };
      const due = event.at - began.recorded - (performance.now() - began.now);
      if (!fast && due > 0) await delay(due);
      await play(event);
    }
    // A recording that was cut short has connections that do not end in it.
    for (const player of [...players.values()]) await finish(player);
  } finally {
    await Promise.all([...players.values()].map((player) => player.abandon()));
  }
  tell.summary(totals, path);
  return totals.differing > 0 || totals.connections === 0 ? EXIT.threshold : EXIT.ok;
}

/** Sums over all connections. */
interface Totals {
  readonly connections: number;
  readonly differing: number;
  readonly udp: number;
  readonly sent_bytes: number;
  readonly compared_bytes: number;
}

/** Tells how it went. */
interface Teller {
  /** Whether the replies were as recorded. */
  connection(player: Player): boolean;
  summary(totals: Totals, path: string): void;
}

function isEqual({ comparison: { differences, missing, extra }, isStillOpen, isUnread }: Player): boolean {
  return differences === 0 && missing === 0 && extra === 0 && !isStillOpen && !isUnread;
}

const inJson: Teller = {
  connection(player) {
    const { connection, comparison, end, isStillOpen, isUnread } = player;
    const { told, differences, missing, extra, compared } = comparison;
    for (const { offset, length, expected, received, place } of told) {
      const at = { frame: place?.frame ?? null, part: place?.part ?? null, at: place?.at ?? null };
      const [wanted, got] = [expected, received].map((bytes) => hexText(Uint8Array.from(bytes)));
      json({ event: "difference", connection, offset, length, ...at, expected: wanted, received: got });
    }
    json({
      ...{ event: "connection", connection, equal: isEqual(player), sent_bytes: player.sentBytes },
      ...{ compared_bytes: compared, differences, missing_bytes: missing, extra_bytes: extra },
      ...{ server: end, still_open: isStillOpen, unread: isUnread },
    });
    return isEqual(player);
  },
  summary: (totals) => json({ event: "summary", ...totals }),
};

function json(value: unknown): void {
  print(escapeJson(JSON.stringify(value)));
}

function inText(t: Translate, ms: number): Teller {
  return {
    connection(player) {
      const { connection, comparison, end } = player;
      const { told, differences, missing, extra, compared } = comparison;
      for (const difference of told) printText(differenceText(difference, connection, t));
      if (differences > told.length) {
        printText(t("replay.more", { connection, n: countText(differences - told.length) }));
      }
      if (missing > 0) {
        printText(t("replay.missing", { connection, n: countText(missing), ended: t(`replay.ended.${end}`, { ms }) }));
      }
      if (extra > 0) printText(t("replay.extra", { connection, n: countText(extra) }));
      if (player.isUnread) printText(t("replay.unread", { connection, n: countText(player.sentBytes), ms }));
      if (player.isStillOpen) printText(t("replay.still_open", { connection }));
      if (isEqual(player)) printText(t("replay.equal", { connection, bytes: countText(compared) }));
      return isEqual(player);
    },
    summary({ connections, differing, udp }, path) {
      if (udp > 0) printText(t("replay.udp", { n: udp }));
      printText(connections === 0 ? t("replay.nothing", { path }) : t("replay.summary", { connections, differing }));
    },
  };
}

function differenceText(
  { offset, length, expected, received, place }: Difference,
  connection: number,
  t: Translate,
): string {
  const last = offset + length - 1;
  const where = place === undefined
    ? ""
    : t(`replay.place.${place.part}`, { frame: place.frame, at: countText(place.at + 1) });
  return t(length === 1 ? "replay.difference" : "replay.differences", {
    ...{ connection, offset: countText(offset + 1), last: countText(last + 1), place: where },
    ...{ expected: bytesText(expected, length), received: bytesText(received, length) },
  });
}

/** Digits, and the text that they are. */
function bytesText(shown: readonly number[], length: number): string {
  const bytes = Uint8Array.from(shown);
  const text = escapeText(new TextDecoder("latin1").decode(bytes));
  return `${hexText(bytes)}${shown.length < length ? " …" : ""} "${text}"`;
}
