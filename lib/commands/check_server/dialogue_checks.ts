/**
 * Tasks 5 and 6: who is it, and is it true?
 *
 * @module
 */
import { escapeText } from "../../base/text.ts";
import { textOf } from "./bytes.ts";
import type { Check, Context } from "./context.ts";
import type { Visit } from "./dialogue.ts";
import { contents, snapshot } from "./folder.ts";
import { type Evidence, failed, message, type Outcome, passed, skipped } from "./messages.ts";

/** The checks of these tasks, in their order. */
export const DIALOGUE_CHECKS: readonly Check[] = [
  { id: "knows-client", run: knowsClient, unfit: needsDialogue },
  { id: "right-password", run: rightPassword, unfit: needsPassword },
  { id: "wrong-password", run: wrongPassword, needs: ["right-password"], unfit: needsPasswords },
  { id: "password-not-plain", run: passwordNotPlain, unfit: needsPasswords },
  { id: "token", run: token, needs: ["right-password"], unfit: needsPasswords },
];

/** The name given in the first visit is said in the second, before it is given again. */
function knowsClient({ dialogue }: Context): Outcome {
  if (dialogue === undefined) return skipped("skip_no_dialogue");
  const { first, options: { name } } = dialogue;
  // By password is better than by address.
  if (dialogue.hasPasswords) return skipped("skip_has_passwords");
  const { said, asked } = dialogue.again;
  const sent = message("came_again", { name });
  const received = quoted(said[0] ?? "");
  const greeted = said[0] ?? "";
  if (!first.asked.has("name")) {
    return asked.has("name") || said[0] !== first.said[0] ? skipped("skip_dialogue_lost") : passed({ sent, received });
  }
  if (greeted.toLowerCase().includes(name.toLowerCase())) return passed({ sent, received });
  return failed(message(asked.has("name") ? "why_forgot" : "why_nameless"), { sent, received });
}

/** The password of before lets the client in. */
function rightPassword({ dialogue }: Context): Outcome {
  if (dialogue === undefined) return skipped("skip_no_dialogue");
  const { again } = dialogue;
  const sent = message("logged_in");
  return again.isIn === true
    ? passed({ sent, received: saidBy(again) })
    : failed(message("why_right_refused"), { sent, received: saidBy(again) });
}

/** Another one does not. */
async function wrongPassword({ dialogue }: Context): Promise<Outcome> {
  if (dialogue === undefined) return skipped("skip_no_dialogue");
  const visit = await dialogue.visit(`${dialogue.options.password}x`);
  const sent = message("logged_in_wrong");
  // Words that nobody foresaw are a refusal where they differ from those of a welcome.
  const isIn = visit.isIn === true && essence(visit) === essence(dialogue.again);
  return isIn
    ? failed(message("why_wrong_accepted"), { sent, received: saidBy(visit) })
    : passed({ sent, received: saidBy(visit) });
}

/** No file holds the password, or what can be turned into it by anybody. */
function passwordNotPlain({ dialogue, folder }: Context): Outcome {
  if (dialogue === undefined) return skipped("skip_no_dialogue");
  if (folder === undefined) return skipped("skip_needs_dir");
  const { password } = dialogue.options;
  const bytes = new TextEncoder().encode(password);
  const spellings = { plain: [password], encoded: [bytes.toBase64(), bytes.toHex()] };
  const files = [...snapshot(folder).keys()];
  const sent = message("searched", { count: files.length });
  for (const path of files) {
    const text = textOf(contents(path));
    const found = (["plain", "encoded"] as const).find((kind) => spellings[kind].some((word) => text.includes(word)));
    if (found === undefined) continue;
    const received = message("found_in", { file: escapeText(path.slice(folder.length).replace(/^\/+/, "")) });
    return failed(message(found === "plain" ? "why_plain" : "why_encoded"), { sent, received });
  }
  return passed({ sent, received: message("nothing") });
}

/** A token stands for the password. */
function token({ dialogue }: Context): Outcome {
  const visit = dialogue?.byToken;
  if (visit === undefined) return skipped("skip_no_token");
  const sent = message("token_sent");
  if (visit.isIn === true) return passed({ sent, received: saidBy(visit) });
  return visit.isIn === undefined
    ? skipped("skip_token_use")
    : failed(message("why_token"), { sent, received: saidBy(visit) });
}

function needsDialogue({ dialogue, isAskedFor }: Context): Outcome | undefined {
  if (dialogue === undefined) {
    return isAskedFor ? failed(message("why_no_dialogue")) : skipped("skip_no_dialogue");
  }
  return dialogue.first.said.length === 0 ? skipped("skip_dialogue_lost") : undefined;
}

function needsPassword({ dialogue, isAskedFor }: Context): Outcome | undefined {
  if (dialogue?.hasPasswords) return undefined;
  return isAskedFor ? failed(message("why_no_password")) : skipped("skip_no_password");
}

/** What makes no sense without passwords; that they are missing is said once. */
function needsPasswords({ dialogue }: Context): Outcome | undefined {
  return dialogue?.hasPasswords ? undefined : skipped("skip_no_password");
}

/** The last words without what differs each time: tokens, numbers, and secrets. */
function essence({ said }: Visit): string {
  return (said.at(-1) ?? "").replace(/[A-Za-z0-9_.~+/=-]{16,}|\d+/g, "");
}

/** The last thing that was said, which may hold a token. */
function saidBy({ said }: Visit): Evidence {
  return quoted((said.at(-1) ?? "").replace(/[A-Za-z0-9_.~+/=-]{16,}/g, "…"));
}

function quoted(text: string): Evidence {
  return text === "" ? message("nothing") : `"${escapeText(text.slice(0, 120))}"`;
}
