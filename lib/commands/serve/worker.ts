/** The thread of `--workers`. A compiled binary needs it named with `--include`. */
import type { Port } from "../../base/worker_link.ts";
import { work } from "../../server/workers/worker.ts";

work(globalThis as unknown as Port, {
  // `--page`; nothing of it is loaded without.
  openWatch: async (options) => new (await import("./page/watcher.ts")).Watcher(options),
});
