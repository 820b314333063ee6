/**
 * `echo-server sessions …`: the log-ins that tokens can resume.
 *
 * @module
 */
import { sessionExpiry } from "../../auth/tokens.ts";
import { UsageError } from "../../base/errors.ts";
import type { Session } from "../../store/store.ts";
import { escapeText } from "../../base/text.ts";
import { type Admin, confirm, mayRemove, printList, timeIso, timestampText } from "./context.ts";
import { knownName } from "./users.ts";

/** `sessions list [USER]`. A session is named by its family's id, which stays the same when its token is replaced. */
export async function listSessions(admin: Admin, [user]: readonly string[]): Promise<void> {
  const store = await admin.store();
  printList(admin, {
    rows: await store.listSessions(user === undefined ? undefined : await knownName(admin, user)),
    toJson: (session: Session) => ({
      id: session.id,
      user: session.user,
      created_at: timeIso(session.createdAt),
      last_used_at: timeIso(session.lastUsedAt),
      expires_at: timeIso(sessionExpiry(session)),
    }),
    heading: ["admin.user", "admin.id", "admin.created", "admin.used", "admin.expires"],
    toCells: (session: Session) => [
      escapeText(session.user),
      escapeText(session.id),
      timestampText(session.createdAt),
      timestampText(session.lastUsedAt),
      timestampText(sessionExpiry(session)),
    ],
  });
}

/**
 * `sessions revoke USER|ID`. What is both a user's name and an id is taken as both: nobody shall keep a session by
 * registering a user under its id.
 */
export async function revokeSessions(admin: Admin, [text = ""]: readonly string[]): Promise<void> {
  const { data } = admin;
  const subject = escapeText(text);
  const store = await admin.store();
  const user = await store.findUser(text.normalize("NFC"));
  if (user === null && !(await store.listSessions()).some(({ id }) => id === text)) {
    throw new UsageError("no_such_session", `Cannot find a user or session "${subject}" in ${data}`, {
      details: { subject, data },
    });
  }
  if (!await mayRemove(admin, admin.t("admin.subject_sessions", { subject }))) return;
  const count = (await store.revokeSession(text) ? 1 : 0) + (user === null ? 0 : await store.revokeUser(user.name));
  confirm(admin, "admin.sessions_revoked", { values: { count }, result: { event: "sessions_revoked", count } });
}
