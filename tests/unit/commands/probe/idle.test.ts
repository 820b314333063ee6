import { assert, assertEquals } from "@std/assert";
import { checkIdle, limitOf } from "../../../../lib/commands/probe/idle.ts";
import fc from "../../../support/fast_check.ts";
import { behind, idsOf, optionsFor } from "../../../support/probing.ts";

for (const how of ["closes", "forgets"] as const) {
  Deno.test(`a proxy that ${how} connections that are silent for 400 ms`, async () => {
    await behind({ idle: { ms: 400, how } }, async (port) => {
      const checked = await checkIdle(optionsFor(port, { idleMax: 800, timeout: 1000 }));
      assertEquals(idsOf(checked).slice(0, 2), [how === "closes" ? "!idle_ended" : "!idle_silent", "held_by_messages"]);
      const { survived_ms: survived = 0, dropped_ms: dropped = 0 } = checked.facts[0]?.values ?? {};
      // Beside other programs this process may hear of an echo late, and then counts less silence than the proxy.
      assert(Number(survived) < 480 && Number(dropped) >= 250, `${survived} to ${dropped}`);
      assert(Number(dropped) - Number(survived) < 400, `${survived} to ${dropped}`);
    });
  });
}

Deno.test("a silence counts as long as it lasted where this process was held up meanwhile", async () => {
  await behind({ idle: { ms: 200, how: "forgets" } }, async (port) => {
    const checking = checkIdle(optionsFor(port, { idleMax: 400, timeout: 500 }));
    setTimeout(() => {
      // Nothing of this process runs: neither the probe nor the proxy.
      for (const began = performance.now(); performance.now() < began + 250;);
    }, 60);
    const dropped = (await checking).facts[0]?.values?.["dropped_ms"];
    assert(Number(dropped) >= 150, String(dropped));
  });
});

Deno.test("silence that nobody minds is told with the longest that was tried", async () => {
  await behind({}, async (port) => {
    assertEquals(idsOf(await checkIdle(optionsFor(port, { idleMax: 200 }))), ["idle_ok"]);
  });
});

Deno.test("limitOf() is a range that holds, whatever the silences say", () => {
  assertEquals(limitOf([{ ms: 1, isAlive: true }]), undefined);
  assertEquals(
    limitOf([{ ms: 9, isAlive: false, how: "silent" }, { ms: 4, isAlive: true }, {
      ms: 6,
      isAlive: false,
      how: "silent",
    }]),
    { survived: 4, dropped: 6, how: "silent" },
  );
  assertEquals(limitOf([{ ms: 9, isAlive: false, endedAt: 5, how: "closed" }, { ms: 4, isAlive: true }]), {
    ...{ survived: 4, dropped: 5, how: "closed" },
  });
  const silences = fc.array(fc.record({ ms: fc.nat({ max: 100 }), isAlive: fc.boolean() }), { minLength: 1 });
  fc.assert(fc.property(silences, (some) => {
    const limit = limitOf(some);
    assertEquals(limit === undefined, some.every(({ isAlive }) => isAlive));
    assert(limit === undefined || limit.survived <= limit.dropped);
  }));
});
