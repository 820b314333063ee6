/**
 * A file that grows while a command runs, for its owner only: what passed on a connection is in it.
 *
 * @module
 */
import { standardStream } from "../../base/output_file.ts";
import { fileError } from "../../base/system_errors.ts";

/** See {@linkcode openOutput}. */
export interface OutputFile {
  /** Writes all of it. @throws {StorageError} `cannot_write` */
  write(bytes: Uint8Array): void;
  close(): void;
}

/**
 * Opens a file that is written from its beginning, with mode 0600; `-` is standard output.
 *
 * @throws {StorageError} `cannot_write`
 */
export function openOutput(path: string): OutputFile {
  const stream = standardStream(path);
  const told = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof Deno.errors.BrokenPipe ? error : fileError(error, "write", path);
    }
  };
  const file = told(() => {
    if (stream !== undefined) return stream;
    const opened = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
    try {
      // One that was there before keeps its mode otherwise.
      if (Deno.build.os !== "windows" && opened.statSync().isFile) Deno.chmodSync(path, 0o600);
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  });
  return {
    write: (bytes) =>
      told(() => {
        for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      }),
    close: () => {
      if (stream === undefined) file.close();
    },
  };
}
