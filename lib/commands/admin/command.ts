/**
 * `users`, `hosts` and `sessions`: what each does with the database.
 *
 * @module
 */
import type { Run } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { openSqliteStore } from "../../store/sqlite_store.ts";
import type { AdminAction } from "./context.ts";
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
    const { data, json, noInput = true }: typeof line.values & { readonly noInput?: boolean } = line.values;
    await using store = await openSqliteStore(data);
    await ACTIONS[name]({ store, data, json, noInput, t: await texts() }, line.positionals);
    return EXIT.ok;
  };
}
