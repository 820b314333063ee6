import { assertEquals } from "@std/assert";
import type { ServiceLog } from "../../../lib/server/log.ts";
import { onHangup } from "../../../lib/server/signals.ts";
import { until } from "../../support/programs.ts";

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "onHangup() reloads once more for all signals that come during a reload, and one reload at a time",
  ignore,
  fn: async () => {
    const logged: string[] = [];
    const note = (event: string): void => void logged.push(event);
    const log: ServiceLog = {
      ...{ debug: note, info: note, warn: note, error: note, reopen: () => {} },
      [Symbol.dispose]: () => {},
    };
    const reloads: PromiseWithResolvers<void>[] = [];
    const reload = (): Promise<void> => {
      const next = Promise.withResolvers<void>();
      reloads.push(next);
      return next.promise;
    };
    const seen = { count: 0 };
    const count = (): void => void seen.count++;
    using _hangup = onHangup({ reload, leave: () => {} }, log);
    Deno.addSignalListener("SIGHUP", count);
    const hangUp = async (): Promise<void> => {
      const { count } = seen;
      Deno.kill(Deno.pid, "SIGHUP");
      await until(() => seen.count > count ? true : undefined, "the signal");
    };
    await hangUp();
    for (let times = 0; times < 3; times++) await hangUp();
    assertEquals(reloads.length, 1);
    reloads[0]?.reject(new Error("no such file"));
    await until(() => reloads.length === 2 ? true : undefined, "the second reload");
    reloads[1]?.resolve();
    await until(() => logged.length === 2 ? true : undefined, "its end");
    assertEquals([logged, reloads.length], [["error", "reload"], 2]);
    await hangUp();
    assertEquals(reloads.length, 3);
    reloads[2]?.resolve();
    Deno.removeSignalListener("SIGHUP", count);
  },
});
