/**
 * A key log: the file that programs write where `SSLKEYLOGFILE` names it, and the same text inside of a pcapng file
 * (draft-ietf-tls-keylogfile). A program writes its lines while it talks, so the file is read on whenever a key is missing.
 *
 * @module
 */
import { readWhole } from "../../base/files.ts";
import { fileError } from "../../base/system_errors.ts";

/** Secrets by label. */
export type Secrets = ReadonlyMap<string, Uint8Array>;

/** Connections that are remembered: a browser's log of a month. */
const MAX_CONNECTIONS = 100_000;

const LINE = /^([A-Z0-9_]{1,64}) ([0-9a-f]{64}) ((?:[0-9a-f]{2}){1,64})\s*$/i;

export class KeyLog {
  readonly #secrets = new Map<string, Map<string, Uint8Array>>();
  readonly #path: string | undefined;
  #size = 0;

  /**
   * @param path A file, which may come later where `mayCome` says so.
   * @throws {StorageError} `cannot_read`
   */
  constructor(path?: string, { mayCome = false }: { readonly mayCome?: boolean } = {}) {
    this.#path = path;
    if (path === undefined) return;
    // A pipe can be read only once.
    if (mayCome) this.#refresh();
    else this.add(new TextDecoder().decode(readWhole(path)));
  }

  /** Takes lines; those that say something else are passed over. */
  add(text: string): void {
    for (const line of text.split("\n")) {
      const [, label, random, secret] = LINE.exec(line) ?? [];
      if (label === undefined || random === undefined || secret === undefined) continue;
      const known = this.#secrets.get(random.toLowerCase());
      const all = known ?? new Map<string, Uint8Array>();
      if (known === undefined && this.#secrets.size < MAX_CONNECTIONS) this.#secrets.set(random.toLowerCase(), all);
      all.set(label.toUpperCase(), Uint8Array.fromHex(secret));
    }
  }

  /** A secret of the connection that a client began with these 32 bytes. */
  find(random: Uint8Array, label: string): Uint8Array | undefined {
    const key = random.toHex();
    const known = this.#secrets.get(key)?.get(label);
    if (known !== undefined || !this.#refresh()) return known;
    return this.#secrets.get(key)?.get(label);
  }

  /** Reads the file again, where it has changed. */
  #refresh(): boolean {
    if (this.#path === undefined) return false;
    try {
      const { size, isFile } = Deno.statSync(this.#path);
      if (!isFile || size === this.#size) return false;
      this.#size = size;
      this.add(new TextDecoder().decode(readWhole(this.#path)));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw fileError(error, "read", this.#path);
    }
  }
}
