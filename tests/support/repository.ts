/**
 * Where the repository is.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** Absolute path of something in the repository. */
export function inRepository(path: string): string {
  return join(ROOT, path);
}
