import { assertEquals } from "@std/assert";
import { SteadyClock } from "../../../lib/auth/clock.ts";

/** What a clock says, in turn, by these readings of the wall clock and the steady one. */
function timesOf(readings: readonly (readonly [wall: number, steady: number])[]): number[] {
  const [first = [0, 0]] = readings;
  let [wall, steady]: readonly [number, number] = first;
  const clock = new SteadyClock({ wall: () => wall, steady: () => steady });
  return readings.map((reading) => {
    [wall, steady] = reading;
    return clock.now();
  });
}

Deno.test("SteadyClock.now() goes on as time passes while the wall clock is set back", () => {
  assertEquals(timesOf([[1000, 0], [1010, 10], [400, 20], [410, 30]]), [1000, 1010, 1020, 1030]);
});

Deno.test("SteadyClock.now() follows a jump ahead, as after a sleep of the machine, for as long as it lasts", () => {
  assertEquals(timesOf([[1000, 0], [90_010, 10], [90_020, 20], [1030, 30]]), [1000, 90_010, 90_020, 1030]);
});
