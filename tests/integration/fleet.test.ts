// The short form of `deno task fleet`: nothing that was acknowledged is lost, and sessions elsewhere go on.
import { assertEquals, assertLess } from "@std/assert";
import { BLOWS, Fleet } from "../fleet/fleet.ts";
import { hasHaproxy } from "../fleet/balancer.ts";
import { isLong } from "../support/long.ts";
import { hasPostgres } from "../support/auth_postgres.ts";

/** Until log-ins work again, in ms: seconds, of which most go into PostgreSQL's restart on a busy machine. */
const RECOVERED = 45_000;

const why = hasPostgres ? "" : " (skipped: PostgreSQL is not installed)";

Deno.test({
  name: `A fleet loses nothing when a server, the balancer or the database is killed${why}`,
  ignore: !hasPostgres || !isLong,
  fn: async (t) => {
    await using fleet = await Fleet.start(2);
    assertEquals(await fleet.move(), 2);
    for (const blow of BLOWS) {
      const isSkipped = blow === "balancer" && !hasHaproxy;
      await t.step({
        name: `${blow}${isSkipped ? " (skipped: HAProxy is not installed)" : ""}`,
        ignore: isSkipped,
        fn: async () => {
          const { acknowledged, unacknowledged, lost, struck, struckEnded, othersEnded, gapMs } = await fleet.strike(
            blow,
            {
              registrations: 20,
              sessions: 6,
            },
          );
          assertEquals(acknowledged + unacknowledged, 20);
          assertEquals({ lost, othersEnded }, { lost: 0, othersEnded: 0 });
          assertEquals(struckEnded, struck);
          assertLess(gapMs, RECOVERED);
        },
        sanitizeOps: false,
        sanitizeResources: false,
      });
    }
  },
});
