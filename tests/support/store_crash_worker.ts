/**
 * A worker that answers `version` once with 1, and dies of anything else.
 *
 * @module
 */
import { Link, type Port } from "../../lib/base/worker_link.ts";

let isDying = false;
const die = (): Promise<never> => {
  isDying = true;
  queueMicrotask(() => {
    throw new Error("died of listUsers");
  });
  return new Promise(() => {});
};
const version = (): number | Promise<never> => isDying ? new Promise(() => {}) : 1;
new Link(globalThis as unknown as Port).answer({ version, listUsers: die, listHosts: die, open: die });
