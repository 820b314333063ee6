/**
 * Whether there is a file.
 *
 * @module
 */

/** Whether there is a file at `path` that this process may look at. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
