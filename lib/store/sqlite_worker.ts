/**
 * The thread in which SQLite runs: its calls block, and an fsync can take long. Started by sqlite_store.ts; a compiled
 * binary needs it named with `--include`.
 *
 * @module
 */
import { Link, type Port } from "../base/worker_link.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { FILE_NAME, prepareDirectory } from "./sqlite_file.ts";
import { operations } from "./sqlite_operations.ts";
import type { WorkerCalls } from "./sqlite_protocol.ts";

function serve(scope: Port): void {
  const link = new Link(scope);
  let close = (): void => {};
  const first: Pick<WorkerCalls, "open" | "close"> = {
    open(directory) {
      prepareDirectory(directory);
      const connection = SqliteConnection.open(`${directory}/${FILE_NAME}`);
      close = () => connection[Symbol.dispose]();
      link.answer({ ...first, ...operations(connection) });
    },
    close: () => close(),
  };
  link.answer(first);
}

serve(globalThis as unknown as Port);
