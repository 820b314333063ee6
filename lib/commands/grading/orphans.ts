/**
 * What examined programs leave behind. Who makes itself a daemon loses its parent, and may leave its session and its
 * environment too: the kernel then gives it to this process, which is its subreaper (PR_SET_CHILD_SUBREAPER, prctl(2)),
 * and it ends with the examination. Where there is no such thing, what cannot be found stays.
 *
 * @module
 */
import { openLibrary } from "../../base/c_library.ts";
import { delay } from "../../base/delay.ts";
import { processes, signalGroup } from "./processes.ts";

/** Numbers of Linux: the option of prctl(2), and waitpid(2) that does not wait. */
const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

/** Longest time for ending them, in ms, and how often one looks whether more have come: each leaves its own children. */
const LONGEST = 3000;
const LOOK = 10;

/** Takes the orphans in from construction on, and ends them when it is disposed of. */
export class Orphans implements AsyncDisposable {
  readonly #library = openLibrary({
    prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
    waitpid: { parameters: ["i32", "pointer", "i32"], result: "i32" },
  });

  /** Calls no foreign code afterwards: the permission for more is given up. */
  constructor() {
    Deno.permissions.revokeSync({ name: "ffi" });
    this.#library?.symbols.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#library === undefined) return;
    for (const end = performance.now() + LONGEST; performance.now() < end;) {
      const all = await processes();
      const own = all.find(({ pid }) => pid === Deno.pid)?.group;
      // What this process starts for itself is in its group; an examined program has one of its own.
      const orphans = all.filter(({ parent, group }) => parent === Deno.pid && group !== own);
      if (orphans.length === 0) break;
      for (const { pid } of orphans) {
        signalGroup(pid, "SIGKILL");
        this.#library.symbols.waitpid(pid, null, WNOHANG);
      }
      await delay(LOOK);
    }
    this.#library.close();
  }
}
