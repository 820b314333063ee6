import { assertEquals } from "@std/assert";
import { ATTEMPTS_KEPT } from "../../../lib/base/limits.ts";
import { Penalties } from "../../../lib/server/penalties.ts";

Deno.test("inTurn() works for one key after the other's work is done, and for others at once", async () => {
  const penalties = new Penalties();
  const done: string[] = [];
  const first = Promise.withResolvers<void>();
  const both = [
    penalties.inTurn(["a", "x"], async () => {
      done.push("first begins");
      await first.promise;
      done.push("first ends");
    }),
    penalties.inTurn(["b", "x"], () => Promise.resolve(done.push("second"))),
    penalties.inTurn(["b"], () => Promise.resolve(done.push("third"))),
  ];
  await penalties.inTurn(["c"], () => Promise.resolve(done.push("another key")));
  first.resolve();
  await Promise.all(both);
  assertEquals(
    done,
    ["another key", "first begins", "first ends", "second", "third"].toSorted((a, b) =>
      done.indexOf(a) - done.indexOf(b)
    ),
  );
  assertEquals(done.indexOf("second") > done.indexOf("first ends"), true);
  assertEquals(done.indexOf("third") > done.indexOf("second"), true);
});

Deno.test("inTurn() lets those wait too who queued before the failure, although its client has left", async () => {
  const penalties = new Penalties();
  const wait = Promise.withResolvers<void>();
  const done: string[] = [];
  const guess = penalties.inTurn(["a"], () => {
    penalties.failed("a", wait.promise);
    return Promise.resolve();
  });
  const next = penalties.inTurn(["a"], () => Promise.resolve(done.push("next guess")));
  await guess;
  await penalties.inTurn(["b"], () => Promise.resolve(done.push("another")));
  assertEquals([done, penalties.isSuspected("a")], [["another"], true]);
  wait.resolve();
  await next;
  assertEquals(done, ["another", "next guess"]);
});

Deno.test("inTurn() goes on after work that failed, and keeps nothing of what is over", async () => {
  const penalties = new Penalties();
  const failing = penalties.inTurn(["a"], () => Promise.reject(new Error("lost"))).catch(() => "lost");
  assertEquals(await penalties.inTurn(["a"], () => Promise.resolve("next")), "next");
  assertEquals(await failing, "lost");
  penalties.failed("b", Promise.resolve());
  await penalties.inTurn(["b"], () => Promise.resolve());
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  assertEquals(penalties.size, 0);
});

Deno.test("failed() forgets the oldest key when there are too many", () => {
  const penalties = new Penalties();
  const never = new Promise<void>(() => {});
  for (let number = 0; number < ATTEMPTS_KEPT + 5; number++) penalties.failed(`address ${number}`, never);
  assertEquals([penalties.size, penalties.isSuspected("address 4")], [ATTEMPTS_KEPT, false]);
});
