/**
 * Calls to the C library, for what Deno has no function of its own.
 *
 * @module
 */

/** Functions of Linux's C library, until disposed of; none elsewhere, and without the permission. */
export function openLibrary<const Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): (Deno.DynamicLibrary<Symbols> & Disposable) | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const library = Deno.dlopen("libc.so.6", symbols);
    return Object.assign(library, { [Symbol.dispose]: () => library.close() });
  } catch {
    return undefined;
  }
}
