/**
 * `users`, `hosts` and `sessions`: what each does with the database.
 *
 * @module
 */
import { escapeText } from "../../base/text.ts";
import type { Run } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { print, printError } from "../../cli/output.ts";
import type { StoreLocation } from "../../store/location.ts";
import type { UserStore } from "../../store/store.ts";
import { hasDatabase } from "../../store/sqlite_file.ts";
import { locationFrom, openStore } from "../../store/open.ts";
import { environment } from "../../cli/environment.ts";
import { type AdminAction, noDatabase } from "./context.ts";
import { invite } from "./invite.ts";
import { forgetHost, listHosts, renameHost } from "./hosts.ts";
import type { AdminActionName, STORE_OPTIONS } from "./options.ts";
import { listSessions, revokeSessions } from "./sessions.ts";
import type { AdminKey } from "./texts.ts";
import { exportUsers, importUsers } from "./transfer.ts";
import { addUser, changePassword, disableUser, enableUser, listUsers, removeUser } from "./users.ts";

const ACTIONS: Readonly<Record<AdminActionName, AdminAction>> = {
  "users add": addUser,
  "users list": listUsers,
  "users passwd": changePassword,
  "users disable": disableUser,
  "users enable": enableUser,
  "users remove": removeUser,
  "users invite": (admin) => invite(admin, admin.invite),
  "users import": importUsers,
  "users export": exportUsers,
  "hosts list": listHosts,
  "hosts rename": renameHost,
  "hosts forget": forgetHost,
  "sessions list": listSessions,
  "sessions revoke": revokeSessions,
};

/**
 * The work of a command.
 *
 * @throws {UsageError} for anything the caller can put right: an unknown name or address, a bad password.
 * @throws {StorageError} and {ConfigError}, as the store does.
 */
export function runOnStore(name: AdminActionName): Run<typeof STORE_OPTIONS, AdminKey> {
  return async ({ line, texts }) => {
    const location = locationFrom({ ...line.values, isArgument: line.source("store") === "argument" });
    const values: Choices & typeof line.values = line.values;
    const { json, noInput = true, yes = false, dryRun = false } = values;
    const { count = 1, valid = 0, revoke = false } = values;
    const t = await texts();
    const data = escapeText(location.type === "sqlite" ? location.directory : location.shown);
    const isNew = location.type === "sqlite" && !hasDatabase(location.directory);
    if (isNew) {
      // Looking leaves nothing behind, and a database in the wrong folder is not begun in silence.
      if (/list$|export$/.test(name)) return json ? print("[]") : (printError(t("admin.none", { data })), EXIT.ok);
      if (!/add$|import$|invite$/.test(name)) throw noDatabase(data);
    }
    // What is only tried leaves nothing behind, either.
    using scratch = isNew && dryRun ? scratchFolder() : undefined;
    await using resources = new AsyncDisposableStack();
    let opened: UserStore | undefined;
    const store = async (): Promise<UserStore> => {
      if (opened === undefined) {
        opened = resources.use(await openStore(scratch?.location ?? location, environment));
        // Told once it is so: the folder may be read-only.
        if (isNew && !dryRun) printError(t("admin.new_database", { data }));
      }
      return opened;
    };
    await ACTIONS[name](
      { store, isNew, data, json, noInput, yes, dryRun, t, invite: { count, valid, revoke } },
      line.positionals,
    );
    return EXIT.ok;
  };
}

/** A folder for a database that is gone afterwards. */
function scratchFolder(): Disposable & { readonly location: StoreLocation } {
  const directory = Deno.makeTempDirSync({ prefix: "echo-dry-run-" });
  return {
    location: { type: "sqlite", directory },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

/** Options that some of the commands have. */
interface Choices {
  readonly noInput?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly count?: number;
  readonly valid?: number;
  readonly revoke?: boolean;
}
