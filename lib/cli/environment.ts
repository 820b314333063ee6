/**
 * Environment variables.
 *
 * @module
 */

/** The value of an environment variable, `undefined` where it is not set or may not be read. */
export function environment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}
