/**
 * Waiting for something, but not for ever.
 *
 * @module
 */

/** What `promise` resolves to, or `undefined` after `ms` milliseconds. What it rejects with is the caller's. */
export async function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = Promise.withResolvers<undefined>();
  const id = setTimeout(() => timer.resolve(undefined), ms);
  try {
    return await Promise.race([promise, timer.promise]);
  } finally {
    clearTimeout(id);
  }
}
