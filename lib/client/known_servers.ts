/**
 * What servers have asked for in log-ins, from one run of the client to the next: a server that suddenly asks for less
 * may be a false one.
 *
 * @module
 */
import { replaceFile } from "../base/files.ts";

/** The rounds of SCRAM that each server has asked for, for each user, in a file. */
export class KnownServers {
  readonly #path: string;

  /** @param path Made (0600) when the first server is remembered. */
  constructor(path: string) {
    this.#path = path;
  }

  /** The rounds of the last log-in; `undefined` where there was none. */
  rounds(server: string, user: string): number | undefined {
    return this.#read().get(`${server} ${user}`);
  }

  /**
   * Remembers the rounds of a log-in in which both sides have proved themselves.
   *
   * @throws {StorageError} `cannot_write`
   */
  remember(server: string, { user, rounds }: { readonly user: string; readonly rounds: number }): void {
    const known = this.#read();
    if (known.get(`${server} ${user}`) === rounds) return;
    known.set(`${server} ${user}`, rounds);
    const text = `${JSON.stringify(Object.fromEntries(known), null, 1)}\n`;
    replaceFile(this.#path, text, { mode: 0o600, folderMode: 0o700 });
  }

  #read(): Map<string, number> {
    try {
      const entries = Object.entries(JSON.parse(Deno.readTextFileSync(this.#path)) as Record<string, unknown>);
      return new Map(entries.flatMap(([key, rounds]) => typeof rounds === "number" ? [[key, rounds] as const] : []));
    } catch {
      return new Map();
    }
  }
}
