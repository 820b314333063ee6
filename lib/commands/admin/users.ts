/**
 * `echo-server users …`, but for import and export.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import type { User } from "../../store/store.ts";
import { escapeText } from "../../base/text.ts";
import { parseName } from "../../cli/values.ts";
import { type Admin, confirm, mayRemove, printList, timeIso, timestampText } from "./context.ts";
import { newVerifier } from "./password.ts";

/** `users add NAME`. */
export async function addUser(admin: Admin, [text = ""]: readonly string[]): Promise<void> {
  const name = nameFrom(text);
  // Looked up before the password is asked for; who comes first meanwhile is found out by createUser.
  if (!admin.isNew && await (await admin.store()).findUser(name) !== null) throw taken(name);
  const verifier = await newVerifier(name, admin);
  if (await (await admin.store()).createUser({ name, verifier, createdAt: Date.now() }) === "taken") throw taken(name);
  confirm(admin, "admin.user_added", { values: { name }, result: { event: "user_added", name } });
}

export async function listUsers(admin: Admin): Promise<void> {
  const { t } = admin;
  printList(admin, {
    rows: await (await admin.store()).listUsers(),
    toJson: ({ name, disabled, createdAt }: User) => ({ name, disabled, created_at: timeIso(createdAt) }),
    heading: ["admin.name", "admin.state", "admin.created"],
    toCells: ({ name, disabled, createdAt }: User) => [
      escapeText(name),
      t(disabled ? "admin.disabled" : "admin.enabled"),
      timestampText(createdAt),
    ],
  });
}

/** `users passwd NAME`: all sessions of the user end with it. */
export async function changePassword(admin: Admin, [text = ""]: readonly string[]): Promise<void> {
  const name = await knownName(admin, text);
  const verifier = await newVerifier(name, admin);
  if (!await (await admin.store()).setVerifier(name, verifier)) throw noSuchUser(admin, name);
  confirm(admin, "admin.password_changed", { values: { name }, result: { event: "password_changed", name } });
}

/** `users disable NAME`. */
export async function disableUser(admin: Admin, [text = ""]: readonly string[]): Promise<void> {
  const name = text.normalize("NFC");
  if (!await (await admin.store()).setDisabled(name, true)) throw noSuchUser(admin, name);
  confirm(admin, "admin.user_disabled", { values: { name }, result: { event: "user_disabled", name } });
}

/** `users enable NAME`. */
export async function enableUser(admin: Admin, [text = ""]: readonly string[]): Promise<void> {
  const name = text.normalize("NFC");
  if (!await (await admin.store()).setDisabled(name, false)) throw noSuchUser(admin, name);
  confirm(admin, "admin.user_enabled", { values: { name }, result: { event: "user_enabled", name } });
}

/** `users remove NAME`. */
export async function removeUser(admin: Admin, [text = ""]: readonly string[]): Promise<void> {
  const name = await knownName(admin, text);
  if (!await mayRemove(admin, admin.t("admin.subject_user", { name }))) return;
  if (!await (await admin.store()).removeUser(name)) throw noSuchUser(admin, name);
  confirm(admin, "admin.user_removed", { values: { name }, result: { event: "user_removed", name } });
}

/**
 * The name of a user who exists.
 *
 * @throws {UsageError} `no_such_user`
 */
export async function knownName(admin: Admin, text: string): Promise<string> {
  const user = await (await admin.store()).findUser(text.normalize("NFC"));
  if (user === null) throw noSuchUser(admin, text);
  return user.name;
}

/**
 * A new name, in its one spelling.
 *
 * @throws {UsageError} `bad_value`
 */
export function nameFrom(text: string): string {
  try {
    return parseName(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const details = { ...error.details, option: "NAME", value: escapeText(text) };
    throw new UsageError(error.code, error.message, { details, cause: error });
  }
}

function taken(name: string): UsageError {
  return new UsageError("user_taken", `Cannot add the user "${name}": the name is taken`, { details: { name } });
}

function noSuchUser({ data }: Admin, text: string): UsageError {
  const name = escapeText(text);
  return new UsageError("no_such_user", `Cannot find the user "${name}" in ${data}`, { details: { name, data } });
}
