/**
 * `echo-server cert`, and `echo-server users|hosts|sessions …`: administration of the data directory, also beside running servers, which see
 * what changes: users and hosts at once, revocations within `REVOCATION_POLL`.
 *
 * @module
 */
import { openSqliteStore } from "../../store/sqlite_store.ts";
import { type AdminCommandName, findCommand } from "./commands.ts";
import type { AdminAction } from "./context.ts";
import { forgetHost, listHosts, renameHost } from "./hosts.ts";
import { listSessions, revokeSessions } from "./sessions.ts";
import { exportUsers, importUsers } from "./transfer.ts";
import { addUser, changePassword, disableUser, enableUser, listUsers, removeUser } from "./users.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { Translate } from "../../cli/messages.ts";
import type { CommandLine } from "../../cli/options.ts";
import type { SERVER_OPTIONS } from "../serve/options.ts";

const ACTIONS: Readonly<Record<Exclude<AdminCommandName, "cert">, AdminAction>> = {
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
 * Runs the command that the positional arguments name; resolves to the exit code.
 *
 * @throws {UsageError} for anything the caller can put right: an unknown command, name or address, a bad password.
 * @throws {StorageError} and {ConfigError}, as the store does; {StorageError}, when a certificate cannot be written.
 */
export async function admin(line: CommandLine<typeof SERVER_OPTIONS>, t: Translate): Promise<number> {
  const { name, operands } = findCommand(line.positionals);
  if (name === "cert") {
    const { makeCertificate } = await import("./cert.ts");
    await makeCertificate(line, t);
    return EXIT.ok;
  }
  const { data, json, noInput } = line.values;
  await using store = await openSqliteStore(data);
  await ACTIONS[name]({ store, data, json, noInput, t }, operands);
  return EXIT.ok;
}
