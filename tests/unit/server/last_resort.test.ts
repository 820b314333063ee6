import { assertEquals } from "@std/assert";
import { lastResort } from "../../../lib/server/last_resort.ts";
import type { ServiceLog } from "../../../lib/server/log.ts";
import { Stats } from "../../../lib/server/stats.ts";

function logInto(lines: string[]): ServiceLog {
  const at = (level: string) => (event: string): void => void lines.push(`${level} ${event}`);
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    reopen() {},
    [Symbol.dispose]() {},
  };
}

Deno.test("lastResort() logs and counts what nobody catches, goes on, and gives up when it does not cease", async () => {
  const lines: string[] = [];
  const stats = new Stats();
  using guard = lastResort(logInto(lines), stats);
  void Promise.reject(new Error("lost"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  setTimeout(() => {
    throw new Error("in a timer");
  }, 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals([stats.unforeseen, lines, guard.signal.aborted], [2, ["error unforeseen", "error unforeseen"], false]);
  for (let count = 0; count < 60; count++) void Promise.reject(new Error("again"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals([stats.unforeseen, guard.signal.aborted], [62, true]);
});
