/**
 * The checks by name, with the task each belongs to, in the order of the report.
 *
 * @module
 */

export const CHECK_TASKS = {
  "leave-close": 1,
  "leave-half-close": 1,
  "leave-mid-frame": 1,
  "leave-reset": 1,
  "no-spin": 1,
  "no-leak": 1,
  "default-port": 2,
  "bad-answers": 2,
  "log-file": 3,
  "quiet-console": 3,
  "port-fallback": 4,
  "port-printed": 4,
  "knows-client": 5,
  "remembers-client": 5,
  "right-password": 6,
  "wrong-password": 6,
  "remembers-password": 6,
  "password-not-plain": 6,
  "token": 6,
  "split-header": 7,
  "merged-frames": 7,
  "large-frame": 7,
  "split-utf8": 7,
  "empty-message": 7,
  "byte-lengths": 7,
  "emoji": 7,
  "many-messages": 8,
  "many-clients": 8,
  "exit-word": 8,
} as const;

/** Name of a check. */
export type CheckId = keyof typeof CHECK_TASKS;

/** All names, in the order of the report. */
// Object.keys() forgets the type of its argument.
export const CHECK_IDS = Object.keys(CHECK_TASKS) as readonly CheckId[];
