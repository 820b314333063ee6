/**
 * `echo-server users invite`: codes with which strangers may register where `--registration invite` asks for one.
 *
 * @module
 */
import { DAY } from "../../base/limits.ts";
import { hashInvitation, INVITATION_BYTES, invitationFrom } from "../../auth/invitations.ts";
import { UsageError } from "../../base/errors.ts";
import { INVITATION_LIFE } from "../../store/invitations.ts";
import { print, printError } from "../../cli/output.ts";
import { type Admin, confirm, type InviteChoice, mayRemove, timeIso, timestampText, toJson } from "./context.ts";

/** Codes at once. */
const MOST = 1000;

/**
 * Makes codes, and prints each: nobody can read them again.
 *
 * @throws {UsageError} `bad_value`
 */
export async function invite(admin: Admin, { count, valid, revoke }: InviteChoice): Promise<void> {
  const { json, t } = admin;
  if (count < 1 || count > MOST) {
    throw new UsageError("bad_value", `Cannot make ${count} invitations: at least 1, at most ${MOST}`, {
      details: { option: "--count", value: String(count), reason: "invitations", most: MOST },
    });
  }
  if (valid <= 0 || valid > INVITATION_LIFE) {
    const days = Math.round(valid / DAY);
    const most = INVITATION_LIFE / DAY;
    throw new UsageError("bad_value", `Cannot make invitations that are good for ${days} days: at most ${most}`, {
      details: { option: "--valid", value: `${days}d`, reason: "valid" },
    });
  }
  if (revoke) {
    if (!await mayRemove(admin, t("admin.subject_invitations"))) return;
    const ended = await (await admin.store()).removeInvitations();
    return confirm(admin, "admin.invitations_ended", {
      values: { count: ended },
      result: { event: "invitations_ended", count: ended },
    });
  }
  if (admin.dryRun) {
    return void print(json ? toJson({ event: "dry_run", would_make: count }) : t("admin.would_invite", { count }));
  }
  const codes = Array.from(
    { length: count },
    () => invitationFrom(crypto.getRandomValues(new Uint8Array(INVITATION_BYTES))),
  );
  const hashes = await Promise.all(codes.map(hashInvitation));
  const store = await admin.store();
  // As servers judge it: later than the clock says when that was set back.
  const now = Math.max(Date.now(), await store.keepTime(Date.now()));
  const expires = now + valid;
  await store.removeInvitations(now);
  await store.addInvitations(hashes.filter((hash) => hash !== undefined), expires);
  if (json) return void print(toJson(codes.map((code) => ({ code, expires_at: timeIso(expires) }))));
  for (const code of codes) print(code);
  printError(t("admin.invited", { count, expires: timestampText(expires) }));
}
