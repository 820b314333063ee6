/**
 * Session tokens between two runs of the client: one file a server and user, for the owner's eyes only.
 *
 * @module
 */
import { checkTrust } from "../base/file_trust.ts";
import { replaceFile } from "../base/files.ts";
import { fileError } from "../base/system_errors.ts";

/** A session token with what it is good for. */
export interface KeptToken {
  /** The server as the user wrote it: `host:port` or `unix:/path`. */
  readonly server: string;
  readonly user: string;
  /** Secret. */
  readonly token: string;
  /** In ms since 1970. */
  readonly expires: number;
  /** Whether it came over TLS: then it does not travel without. */
  readonly tls?: boolean;
}

/** A larger file in place of a token, in bytes, has not been written by this program. */
const LARGEST = 16 * 1024;

/**
 * The tokens in a folder. One that others can write is refused, as they could put their own session in place of the user's,
 * or take it away; so is a file that is a link, a FIFO, or another user's.
 */
export class TokenStore {
  readonly #folder: string;

  /** @param folder Made (0700) when the first token is kept. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The token for a server and user; without a user, the one kept last.
   *
   * @throws {ConfigError} `untrusted_file`
   */
  async find(server: string, user?: string): Promise<KeptToken | undefined> {
    const found: { kept: KeptToken; changed: number }[] = [];
    for (const path of await this.#files()) {
      const info = checkTrust(path, { secret: true });
      const kept = info && info.size <= LARGEST ? await readToken(path) : undefined;
      if (kept === undefined || kept.server !== server || (user !== undefined && kept.user !== user)) continue;
      found.push({ kept, changed: info?.mtime?.getTime() ?? 0 });
    }
    return found.sort((a, b) => b.changed - a.changed)[0]?.kept;
  }

  /**
   * Keeps a token (0600) in place of the one before, in one step.
   *
   * @throws {StorageError} `cannot_write`
   * @throws {ConfigError} `untrusted_file`
   */
  async save(kept: KeptToken): Promise<void> {
    checkTrust(this.#folder, { kind: "folder" });
    replaceFile(await this.#path(kept), `${JSON.stringify(kept)}\n`, { mode: 0o600, folderMode: 0o700 });
  }

  /** Forgets the token for a server and user. */
  async remove(of: Pick<KeptToken, "server" | "user">): Promise<void> {
    await Deno.remove(await this.#path(of)).catch((error: unknown) => {
      if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, "write", this.#folder);
    });
  }

  /** Names may be long and in any script: the file is named by a hash of both. */
  async #path({ server, user }: Pick<KeptToken, "server" | "user">): Promise<string> {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${server}\n${user}`));
    return `${this.#folder}/${new Uint8Array(digest).toHex().slice(0, 32)}.json`;
  }

  async #files(): Promise<string[]> {
    checkTrust(this.#folder, { kind: "folder" });
    try {
      const entries = await Array.fromAsync(Deno.readDir(this.#folder));
      return entries.filter(({ name }) => name.endsWith(".json")).map(({ name }) => `${this.#folder}/${name}`);
    } catch {
      return [];
    }
  }
}

async function readToken(path: string): Promise<KeptToken | undefined> {
  try {
    const { server, user, token, expires, tls = false } = JSON.parse(await Deno.readTextFile(path)) as Record<
      string,
      unknown
    >;
    const isKept = [server, user, token].every((part) => typeof part === "string") && typeof expires === "number";
    return isKept
      ? { server: String(server), user: String(user), token: String(token), expires, tls: tls === true }
      : undefined;
  } catch {
    return undefined;
  }
}
