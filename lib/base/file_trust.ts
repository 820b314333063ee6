/**
 * Whether a file or folder can be trusted to hold what this user, or the system, has put there: the rule that sshd has for
 * its keys (`StrictModes`). Owned by this user or root, not writable by anybody else, no symbolic link in place of a file,
 * and a regular file: opening a FIFO waits for ever, and a device answers whatever it likes.
 *
 * Deno opens no file with `O_NOFOLLOW`. A look before the opening is as good where the folder passes too: then nobody else
 * can change a name in it between the two.
 *
 * @module
 */
import { ConfigError } from "./errors.ts";
import { fileError } from "./system_errors.ts";

/** Why a path is refused. */
export type TrustFault = "symlink" | "not_regular" | "not_a_directory" | "owner" | "writable" | "readable";

/** What {@linkcode trustFault} looks for. */
export interface TrustOptions {
  /** Default: `file`. A folder may be reached through a symbolic link; what counts is the one it leads to. */
  readonly kind?: "file" | "folder";
  /**
   * Others must not even read it. Default: `false`. What is root's may be read by a group that root has chosen, while this
   * user is another one: so are keys given to services, and PostgreSQL takes its key so.
   */
  readonly secret?: boolean;
  /** Its group may write it, as in the folders of users whose umask is 002. Default: `false`. */
  readonly groupWrites?: boolean;
  /** It may be another user's, who is named by naming the file: a teacher's, say. Default: `false`. */
  readonly anyOwner?: boolean;
  /** A folder with the sticky bit, such as `/tmp`, passes: in it nobody can replace what is not theirs. Default: `false`. */
  readonly sticky?: boolean;
}

/** What {@linkcode trustFault} needs of `Deno.FileInfo`. */
export type TrustInfo = Pick<Deno.FileInfo, "isFile" | "isDirectory" | "isSymlink" | "mode" | "uid">;

/**
 * Looks at a path before it is used.
 *
 * @returns What is known of it, or `undefined` where there is nothing of that name.
 * @throws {ConfigError} `untrusted_file`; `details.problem` is the {@linkcode TrustFault}, `details.reason` says what to do.
 * @throws {StorageError} `cannot_read`
 *
 * @example
 * ```ts
 * import { checkTrust } from "./file_trust.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * assertEquals(checkTrust(path, { secret: true })?.size, 0);
 * await Deno.chmod(path, 0o666);
 * assertThrows(() => checkTrust(path), Error, "run chmod go-w");
 * await Deno.remove(path);
 * assertEquals(checkTrust(path), undefined);
 * ```
 */
export function checkTrust(path: string, options: TrustOptions = {}): Deno.FileInfo | undefined {
  let info: Deno.FileInfo;
  try {
    info = options.kind === "folder" ? Deno.statSync(path) : Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(error, "read", path);
  }
  const own = ownUid();
  const problem = trustFault(info, own, options);
  if (problem === undefined) return info;
  const mode = ((info.mode ?? 0) & 0o7777).toString(8);
  const known = { path, problem, mode, uid: info.uid ?? 0, own: own ?? 0 };
  const reason = REASONS[problem](known);
  throw new ConfigError("untrusted_file", `Cannot use ${path}: ${reason}`, { details: { ...known, reason } });
}

/** Why `info` is refused for the user `uid`, if it is. Where the system tells no owner or mode, as Windows, none counts. */
export function trustFault(
  { isFile, isDirectory, isSymlink, mode, uid: owner }: TrustInfo,
  uid: number | null,
  { kind = "file", secret = false, groupWrites = false, anyOwner = false, sticky = false }: TrustOptions = {},
): TrustFault | undefined {
  if (isSymlink) return "symlink";
  if (kind === "file" && !isFile) return "not_regular";
  if (kind === "folder" && !isDirectory) return "not_a_directory";
  if (!anyOwner && uid !== null && owner !== null && owner !== uid && owner !== 0) return "owner";
  if (mode === null || (kind === "folder" && sticky && (mode & STICKY) !== 0)) return undefined;
  if ((mode & (groupWrites ? 0o002 : 0o022)) !== 0) return "writable";
  return secret && (mode & (owner === 0 && uid !== 0 ? 0o037 : 0o077)) !== 0 ? "readable" : undefined;
}

const STICKY = 0o1000;

/** What a refusal is explained with. */
interface Known {
  readonly path: string;
  readonly mode: string;
  readonly uid: number;
  readonly own: number;
}

const REASONS: Readonly<Record<TrustFault, (known: Known) => string>> = {
  symlink: () => "it is a symbolic link; name the file that it leads to",
  not_regular: () => "it is not a regular file; move it away",
  not_a_directory: () => "it is not a directory; choose another one",
  owner: ({ path, uid, own }) =>
    `it belongs to another user (uid ${uid}); if you trust what is in it, run chown ${own} ${path}`,
  writable: ({ path, mode }) =>
    `other users can write it (mode ${mode}); if you trust what is in it, run chmod go-w ${path}`,
  readable: ({ path, mode }) => `other users can read it (mode ${mode}); run chmod go= ${path}`,
};

/** `null` where the system has no such number, or this process may not ask for it (`--allow-sys=uid`). */
function ownUid(): number | null {
  return Deno.permissions.querySync({ name: "sys", kind: "uid" }).state === "granted" ? Deno.uid() : null;
}
