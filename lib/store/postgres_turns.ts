/**
 * Guesses one after the other, and waits after failures, over all servers on one database.
 *
 * @module
 */
import { type PostgresCluster, WRITE } from "./postgres_cluster.ts";
import { integer } from "./rows.ts";
import type { Fleet } from "./store.ts";

/** By the clock that all servers share. */
const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

// Rows are there only after failures: others pass with one look. In the order of their keys, so that no two wait for each other.
const TAKE = `WITH
  held AS (SELECT held_until, taken_until FROM echo.turns WHERE key = ANY ($1) ORDER BY key FOR UPDATE),
  wait AS (SELECT coalesce(greatest(0, max(greatest(held_until, taken_until)) - ${NOW}), 0) AS ms FROM held),
  taken AS (UPDATE echo.turns SET taken_until = ${NOW} + $3::bigint, taken_by = $2
    WHERE key = ANY ($1) AND (SELECT ms FROM wait) = 0 RETURNING key)
  SELECT ms, (SELECT count(*) FROM taken) AS taken,
    EXISTS (SELECT FROM echo.attempts WHERE address = $4 AND account = $5) AS failed FROM wait`;

const HOLD = `WITH
  old AS (DELETE FROM echo.turns WHERE key IN
    (SELECT key FROM echo.turns WHERE key <> $1 AND greatest(held_until, taken_until) < ${NOW} - $3::bigint
      LIMIT 100 FOR UPDATE SKIP LOCKED))
  INSERT INTO echo.turns AS turn (key, held_until, taken_until, taken_by) VALUES ($1, ${NOW} + $2::bigint, 0, '')
  ON CONFLICT (key) DO UPDATE SET held_until = greatest(turn.held_until, excluded.held_until)`;

/** The turns that the servers on one database share. */
export function turnsOf(db: PostgresCluster): Pick<Fleet, "takeTurn" | "endTurn" | "holdBack"> {
  return {
    async takeTurn(keys, { by, forMs, attempt }) {
      const values = [keys, by, forMs, attempt.address, attempt.account];
      const query = { name: "takeTurn", text: TAKE, values };
      const { rows: [row] } = await db.query(query, WRITE);
      return { waitMs: integer(row, "ms"), isTaken: integer(row, "taken") > 0, hasFailed: row?.["failed"] === true };
    },

    async endTurn(keys, by) {
      const text = "UPDATE echo.turns SET taken_until = 0 WHERE key = ANY ($1) AND taken_by = $2";
      await db.query({ name: "endTurn", text, values: [keys, by] }, WRITE);
    },

    async holdBack(key, { ms, keepMs }) {
      await db.query({ name: "holdBack", text: HOLD, values: [key, ms, keepMs] }, WRITE);
    },
  };
}
