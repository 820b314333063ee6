/**
 * What servers have asked for in log-ins, from one run of the client to the next: a server that suddenly asks for less
 * may be a false one.
 *
 * @module
 */
import { ConfigError } from "../base/errors.ts";
import { checkTrust } from "../base/file_trust.ts";
import { folderOf, replaceFile } from "../base/files.ts";
import { readText } from "../base/text_file.ts";

/** A larger file, in bytes, has not been written by this program: a server takes some 50. */
const LARGEST = 4 * 1024 * 1024;

/**
 * The rounds of SCRAM that each server has asked for, for each user, in a file. One that cannot be read, or that others
 * can write, is refused: forgotten rounds are what a false server would wish for.
 */
export class KnownServers {
  readonly #path: string;

  /** @param path Made (0600) when the first server is remembered. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The rounds of the last log-in; `undefined` where there was none.
   *
   * @throws {StorageError} `cannot_read`
   * @throws {ConfigError} `untrusted_file`, `bad_text`
   */
  rounds(server: string, user: string): number | undefined {
    return this.#read().get(`${server} ${user}`);
  }

  /**
   * Remembers the rounds of a log-in in which both sides have proved themselves.
   *
   * @throws {StorageError} `cannot_write`, `cannot_read`
   * @throws {ConfigError} `untrusted_file`, `bad_text`
   */
  remember(server: string, { user, rounds }: { readonly user: string; readonly rounds: number }): void {
    const known = this.#read();
    if (known.get(`${server} ${user}`) === rounds) return;
    known.set(`${server} ${user}`, rounds);
    const text = `${JSON.stringify(Object.fromEntries(known), null, 1)}\n`;
    replaceFile(this.#path, text, { mode: 0o600, folderMode: 0o700 });
  }

  #read(): Map<string, number> {
    checkTrust(folderOf(this.#path), { kind: "folder" });
    const info = checkTrust(this.#path);
    if (info === undefined) return new Map();
    const entries = info.size > LARGEST ? undefined : entriesOf(readText(this.#path));
    if (entries !== undefined) return new Map(entries);
    throw new ConfigError("bad_text", `Cannot use ${this.#path}: it is not as this program writes it; remove it`, {
      details: { path: this.#path, problem: "not_as_written" },
    });
  }
}

function entriesOf(text: string): [string, number][] | undefined {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const numbers = entries.flatMap(([key, rounds]): [string, number][] =>
      typeof rounds === "number" ? [[key, rounds]] : []
    );
    return numbers.length === entries.length ? numbers : undefined;
  } catch {
    return undefined;
  }
}
