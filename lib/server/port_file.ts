/**
 * The file that tells scripts which port a server got (`--port-file`).
 *
 * @module
 */
import { folderOf, replaceFile } from "../base/files.ts";
import { checkTrust } from "../base/file_trust.ts";
import { standardStream, writeOutputFile } from "../base/output_file.ts";
import type { OpenListener } from "../net/listen.ts";

/**
 * Writes the TCP port in decimal and a line feed, in one step: who sees the file sees all of it. Disposing removes it.
 *
 * @param path Where to; nothing is written when it is `undefined`, or when no listener has a port.
 * @throws {StorageError} `cannot_write`
 * @throws {ConfigError} `untrusted_file`, when anybody can replace the file.
 */
export function writePortFile(path: string | undefined, listeners: readonly OpenListener[]): Disposable {
  const port = listeners.flatMap(({ listener: { addr } }) => "port" in addr ? [addr.port] : [])[0];
  if (path === undefined || port === undefined) return { [Symbol.dispose]: () => {} };
  if (standardStream(path) !== undefined) {
    writeOutputFile(path, `${port}\n`);
    return { [Symbol.dispose]: () => {} };
  }
  checkTrust(folderOf(path), { kind: "folder", groupWrites: true, sticky: true });
  replaceFile(path, `${port}\n`);
  return {
    [Symbol.dispose](): void {
      try {
        Deno.removeSync(path);
      } catch {
        // Somebody else has removed it: it is gone, as it should be.
      }
    },
  };
}
