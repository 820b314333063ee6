/**
 * File descriptors kept for what has to work when clients have used up all the others: the metrics, the store's journal,
 * the log's next file, systemd's watchdog.
 *
 * @module
 */

/** Eight connections to the metrics, and what the store, the log and the system's name resolution open for a moment. */
const RESERVED = 16;

/**
 * Descriptors that are given up when the first one is missed. They are not taken back: from then on fewer clients are let
 * in, and what is free is kept free by that.
 */
export class DescriptorReserve implements Disposable {
  #files: Deno.FsFile[] = [];

  /** Opens them. */
  fill(): void {
    try {
      while (this.#files.length < RESERVED) this.#files.push(Deno.openSync(PATH));
    } catch {
      // With so few of them there is nothing to keep.
    }
  }

  /** Gives them up. */
  release(): void {
    for (const file of this.#files) file.close();
    this.#files = [];
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

const PATH = Deno.build.os === "windows" ? "NUL" : "/dev/null";
