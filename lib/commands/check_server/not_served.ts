/**
 * What is thrown where a client that has done nothing yet is not served.
 *
 * @module
 */

/** Ways a client leaves. */
export type Leave = "leave-close" | "leave-half-close" | "leave-mid-frame" | "leave-reset";

/** `refused`: nothing listens. `silent`: it listens and does not answer. `closed`: it ends the connection without a word. */
type NotServedHow = "refused" | "silent" | "closed";

/** The server does not serve a client that has done nothing yet. */
export class NotServed extends Error {
  override readonly name = "NotServed";
  readonly how: NotServedHow;
  /** How the last client left, where that is all that has happened since somebody was served. */
  readonly after: Leave | undefined;

  constructor(how: NotServedHow, after: Leave | undefined) {
    super(`Cannot examine the server: it is ${how}`);
    this.how = how;
    this.after = after;
  }
}
