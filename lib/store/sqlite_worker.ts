/**
 * The thread in which SQLite runs: its calls block, and an fsync can take long. Started by sqlite_store.ts; a compiled
 * binary needs it named with `--include`.
 *
 * @module
 */
import { join } from "@std/path";
import { SqliteConnection } from "./sqlite_connection.ts";
import { FILE_NAME, prepareDirectory } from "./sqlite_file.ts";
import { operations } from "./sqlite_operations.ts";
import { packError, type Reply, type Request, type WorkerCalls } from "./sqlite_protocol.ts";

/** The part of the worker's global scope in use; the checker knows the main thread's only. */
interface WorkerScope {
  postMessage(message: Reply): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Request>) => void): void;
}

type Answer = (...args: readonly unknown[]) => unknown;

function serve(scope: WorkerScope): void {
  let close = (): void => {};
  const answers = new Map<string, Answer>();

  const first: Pick<WorkerCalls, "open" | "close"> = {
    open(directory) {
      prepareDirectory(directory);
      const connection = SqliteConnection.open(join(directory, FILE_NAME));
      close = () => connection[Symbol.dispose]();
      add(operations(connection));
    },
    close: () => close(),
  };

  /** The boundary: the types of the arguments are those the main thread has checked, and are not seen here. */
  function add(calls: Partial<WorkerCalls>): void {
    for (const [name, answer] of Object.entries(calls)) answers.set(name, answer as Answer);
  }

  function answer({ id, name, args }: Request): Reply {
    try {
      const run = answers.get(name);
      if (run === undefined) throw new TypeError(`Cannot run ${name}: the store is not open`);
      return { id, value: run(...args) };
    } catch (error) {
      return { id, error: packError(error) };
    }
  }

  add(first);
  scope.addEventListener("message", (event) => scope.postMessage(answer(event.data)));
}

serve(globalThis as unknown as WorkerScope);
