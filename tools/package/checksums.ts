/**
 * `SHA256SUMS`, as sha256sum(1) writes and checks it.
 *
 * @module
 */
import { basename, join } from "@std/path";

/**
 * Writes the sums of `paths` into a folder's `SHA256SUMS`.
 *
 * @param options `keep`: those of other files stay.
 */
export async function writeChecksums(
  folder: string,
  paths: readonly string[],
  { keep = false }: { readonly keep?: boolean } = {},
): Promise<void> {
  const file = join(folder, "SHA256SUMS");
  const before = keep ? await Deno.readTextFile(file).catch(() => "") : "";
  const sums = new Map(Array.from(before.matchAll(/^(\S+) {2}(.+)$/gm), ([, sum = "", name = ""]) => [name, sum]));
  for (const path of paths) {
    const bytes = await Deno.readFile(path);
    sums.set(basename(path), new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex());
  }
  await Deno.writeTextFile(file, Array.from(sums, ([name, sum]) => `${sum}  ${name}\n`).join(""));
}
