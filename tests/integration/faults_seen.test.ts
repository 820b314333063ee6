/** Faults of bytes as a client of Python's sockets sees them; `deno task bench faults` has those of time as well. */
import { assert } from "@std/assert";
import { isLong, someOf } from "../support/long.ts";
import { hasPython } from "../support/python.ts";
import { CHANCES, SEEN_FAULTS, seenAtPlace, startPlainEcho } from "../support/seen_faults.ts";

for (const place of ["server down", "explain up"] as const) {
  Deno.test({
    name: `a client of Python's sockets sees what is promised of each fault: ${place}`,
    ignore: !hasPython || Deno.build.os !== "linux",
    fn: async (test) => {
      await using echo = await startPlainEcho();
      for (const one of someOf(SEEN_FAULTS.filter(({ isTimed }) => !isTimed), 4)) {
        await test.step(`${one.udp ? "--udp " : ""}${one.fault}`, async () => {
          const { seen, ok } = await seenAtPlace(one, { place, to: echo.port });
          assert(ok, `${one.promise}; seen: ${seen}`);
        });
      }
      if (!isLong) return;
      await test.step("a seed gives the same bytes, another one others", async () => {
        const digestOf = async (seed: number): Promise<string> => {
          const one = { fault: `${CHANCES},seed=${seed}`, promise: "", check: ["digest"] } as const;
          return (await seenAtPlace(one, { place, to: echo.port })).seen;
        };
        const [first, again, other] = [await digestOf(7), await digestOf(7), await digestOf(8)];
        assert(first === again && first !== other, [first, again, other].join(", "));
      });
    },
  });
}
