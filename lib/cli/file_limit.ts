/**
 * The limit for the size of files (`ulimit -f`): whoever reaches it is ended by SIGXFSZ, unless somebody listens.
 *
 * @module
 */

/**
 * From here on, writing beyond the limit fails as on a full disk, and the tool tells which file it is. For as long as the
 * process lives: the runtime writes out what is left when it ends.
 */
export function outliveFileLimit(): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGXFSZ", () => {});
}
