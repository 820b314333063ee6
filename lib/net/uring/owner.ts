/**
 * What a ring knows of those who use it.
 *
 * @module
 */

/** The kind of reads: owners of those that brought much are told after all others. */
export const RECEIVE = 1;

/** The kind of an echo's sends: so little as fits a socket completes at once, and nobody waits for that. */
export const ECHO = 4;

/** Who has operations in a ring. */
export interface Owner {
  /**
   * An operation has completed: without IORING_CQE_F_MORE, the kernel is done with its memory.
   *
   * @param kind The owner's own number for it.
   * @param result As the system call's, an error number negated.
   * @param flags IORING_CQE_F_…
   */
  complete(kind: number, result: number, flags: number): void;
}
