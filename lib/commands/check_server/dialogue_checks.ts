/**
 * Tasks 5 and 6: who is it, and is it true?
 *
 * @module
 */
import { escapeText } from "../../base/text.ts";
import { createHash } from "node:crypto";
import { utf8 } from "./bytes.ts";
import type { Check, Context } from "./context.ts";
import type { DialogueOptions, Visit } from "./dialogue.ts";
import { contents, snapshot } from "./folder.ts";
import { isWelcome } from "./words.ts";
import { type Evidence, failed, message, type Outcome, passed, skipped } from "./messages.ts";

/** The checks of these tasks, in their order. */
export const DIALOGUE_CHECKS: readonly Check[] = [
  { id: "knows-client", run: knowsClient, unfit: needsDialogue },
  { id: "right-password", run: rightPassword, unfit: needsPassword },
  { id: "password-not-plain", run: passwordNotPlain, unfit: needsPasswords },
  { id: "token", run: token, needs: ["right-password"], unfit: needsPasswords },
];

/** Some shut out who has given a wrong one: what needs a client comes before. */
export const WRONG_PASSWORD: Check = {
  ...{ id: "wrong-password", run: wrongPassword, needs: ["right-password"], unfit: needsPasswords },
};

/** The name given in the first visit is said in the second, before it is given again. */
function knowsClient({ dialogue, server }: Context): Outcome {
  if (dialogue === undefined) return skipped("skip_no_dialogue");
  const { first, options: { name } } = dialogue;
  // By password is better than by address.
  if (dialogue.hasPasswords) return skipped("skip_has_passwords");
  const { said, asked } = dialogue.again;
  const isGreeted = first.asked.has("name") && (said[0] ?? "").toLowerCase().includes(name.toLowerCase());
  // Who neither answers a name nor echoes then waits for something else.
  const isUnanswered = first.said.length < 2 && !server.echoes;
  if (said.length === 0 || isUnanswered || dialogue.isGuessed && !isGreeted) return skipped("skip_dialogue_lost");
  const sent = message("came_again", { name });
  const received = quoted(said[0] ?? "");
  if (!first.asked.has("name")) {
    return asked.has("name") || said[0] !== first.said[0] ? skipped("skip_dialogue_lost") : passed({ sent, received });
  }
  if (isGreeted) return passed({ sent, received });
  return failed(message(asked.has("name") ? "why_forgot" : "why_nameless"), { sent, received });
}

/** The password of before lets the client in. */
function rightPassword({ dialogue }: Context): Outcome {
  if (dialogue === undefined) return skipped("skip_no_dialogue");
  const again = dialogue.obstacle === undefined ? dialogue.again : dialogue.first;
  if (again.said.length === 0) return skipped("skip_dialogue_lost");
  const sent = message("logged_in");
  return again.isIn === true
    ? passed({ sent, received: saidBy(again) })
    : failed(message("why_right_refused"), { sent, received: saidBy(again) });
}

/** Another one does not. */
async function wrongPassword({ dialogue, program }: Context): Promise<Outcome> {
  if (dialogue === undefined) return skipped("skip_no_dialogue");
  const visit = await dialogue.visit(`${dialogue.options.password}x`);
  const sent = message("logged_in_wrong");
  if (await program?.endsSoon()) return failed(message("why_wrong_ends"), { sent, received: saidBy(visit) });
  if (visit.goesOn) return failed(message("why_wrong_goes_on"), { sent, received: saidBy(visit) });
  // Words that nobody foresaw are a refusal where they differ from those of a welcome.
  const isIn = visit.isIn === true &&
    [dialogue.again, dialogue.first].some((welcome) => essence(visit) === essence(welcome));
  const isAnew = visit.said.slice(0, -1).some((words) => CHOOSES.test(words));
  return isIn
    ? failed(message(isAnew ? "why_wrong_anew" : "why_wrong_accepted"), { sent, received: saidBy(visit) })
    : passed({ sent, received: saidBy(visit) });
}

/** Words to somebody new who is to choose a password. */
const CHOOSES = /придума|задай|нов(?:ый|ого) парол|(?:new|choose|create)(?: an?| your)* passw/i;

/** A client that was known before the server was started anew is known after it. */
export async function remembersClient(context: Context): Promise<Outcome> {
  const { dialogue } = context;
  const unfit = needsDialogue({ ...context, isAskedFor: false });
  if (dialogue === undefined || unfit !== undefined) return unfit ?? skipped("skip_no_dialogue");
  if (dialogue.hasPasswords) return skipped("skip_has_passwords");
  const { first, again } = dialogue;
  if (dialogue.isGuessed || again.said.length === 0 || !first.asked.has("name") || again.asked.has("name")) {
    return skipped("skip_dialogue_lost");
  }
  if (!await context.restart()) return skipped("skip_no_restart");
  const visit = await dialogue.visit(dialogue.options.password);
  const seen = { sent: message("restarted"), received: quoted(visit.said[0] ?? "") };
  return visit.asked.has("name") ? failed(message("why_forgets"), seen) : passed(seen);
}

/** A password that was chosen before the server was started anew is the only one that lets in after it. */
export async function remembersPassword(context: Context): Promise<Outcome> {
  const { dialogue } = context;
  const unfit = needsPasswords(context);
  if (dialogue === undefined || unfit !== undefined) return unfit ?? skipped("skip_no_dialogue");
  if (!await context.restart()) return skipped("skip_no_restart");
  // A server that has forgotten takes any password for a new one.
  const wrong = await dialogue.visit(`${dialogue.options.password}x`);
  const right = await dialogue.visit(dialogue.options.password);
  const seen = { sent: message("restarted"), received: saidBy(right) };
  // Words that nobody foresaw are a welcome where they begin like those of before.
  const isWelcomed = isWelcome(right.said.at(-1) ?? "") || beginning(right) === beginning(dialogue.again);
  const isKept = right.isIn === true && isWelcomed && !(wrong.isIn === true && essence(wrong) === essence(right));
  if (isKept) return passed(seen);
  // Who is not even asked has been shut out for the wrong password.
  if (right.asked.size === 0) return skipped("skip_no_login");
  const isRefused = right.isIn === false && wrong.isIn !== true;
  // Who comes from now on is somebody new.
  if (isRefused) dialogue.again = right;
  return failed(message(isRefused ? "why_refused_later" : "why_forgets"), seen);
}

/** No file holds the password, or what can be turned into it by anybody. */
function passwordNotPlain({ dialogue, folder }: Context): Outcome {
  if (dialogue === undefined) return skipped("skip_no_dialogue");
  if (folder === undefined) return skipped("skip_needs_dir");
  const spellings = spellingsOf(dialogue.options);
  const files = [...snapshot(folder).keys()];
  const sent = message("searched", { count: files.length });
  let isStored = false;
  for (const path of files) {
    const text = latin1(contents(path)).toLowerCase();
    isStored ||= text.includes(latin1(utf8(dialogue.options.name)).toLowerCase());
    const found = spellings.find(([, word]) => text.includes(word.toLowerCase())) ?? saltedIn(text, dialogue.options);
    if (found === undefined) continue;
    const [kind] = found;
    const file = escapeText(path.slice(folder.length).replace(/^\/+/, ""));
    const received = message("found_in", { file });
    if (kind.startsWith(SALTED)) {
      const fast = message("note_salted", { kind: kind.slice(SALTED.length) });
      return passed({ sent, received, note: fast });
    }
    return failed(kind === "plain" || kind === "encoded" ? message(`why_${kind}`) : message("why_digest", { kind }), {
      sent,
      received,
    });
  }
  return isStored ? passed({ sent, received: message("nothing") }) : skipped("skip_not_stored");
}

/** Digests that are made for speed: who has the file tries a thousand million passwords a second. */
const DIGESTS = [
  "md5",
  "sha1",
  "sha224",
  "sha256",
  "sha384",
  "sha512",
  "sha3-256",
  "sha3-512",
  "blake2b512",
  "blake2s256",
];

/** What a file may hold of a password that nobody should be able to turn back, each with what it is called. */
function spellingsOf({ name, password }: DialogueOptions): (readonly [kind: string, text: string])[] {
  const bytes = utf8(password);
  const digests = DIGESTS.flatMap((kind) =>
    [password, `${password}\n`, `${name}${password}`, `${password}${name}`, `${name}:${password}`].flatMap((text) => {
      const digest = createHash(kind).update(text).digest();
      const spelled = [digest.toString("hex"), digest.toString("base64").replace(/=+$/, ""), latin1(digest)];
      return spelled.map((spelling) => [kind.toUpperCase(), spelling] as const);
    })
  );
  const turned = [...password].reverse().join("");
  const encoded = [bytes.toBase64().replace(/=+$/, ""), bytes.toHex(), turned].map((text) =>
    ["encoded", text] as const
  );
  return [["plain", latin1(bytes)], ...encoded, ...digests];
}

/** Stands before the kind of a digest that was made with a salt. */
const SALTED = "salted ";

/** At most this many words of a file are tried as salts: the time is bounded, and long files such as logs hold none. */
const MOST_SALTS = 200;

/** A digest made for speed of the password and a salt that stands in the same file, as text or in hexadecimal. */
function saltedIn(text: string, { password }: DialogueOptions): readonly [kind: string, text: string] | undefined {
  const words = [...new Set(text.match(/[a-z0-9+/=_.-]{4,128}/g) ?? [])].slice(0, MOST_SALTS);
  const salts = words.flatMap((word) =>
    /^(?:[0-9a-f]{2})+$/.test(word) ? [utf8(word), Uint8Array.fromHex(word)] : [utf8(word)]
  );
  for (const kind of DIGESTS) {
    for (const salt of salts) {
      for (const parts of [[salt, utf8(password)], [utf8(password), salt]]) {
        const digest = parts.reduce((hash, part) => hash.update(part), createHash(kind)).digest("hex");
        if (text.includes(digest)) return [`${SALTED}${kind.toUpperCase()}`, digest];
      }
    }
  }
  return undefined;
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** A token stands for the password. */
function token({ dialogue }: Context): Outcome {
  const visit = dialogue?.byToken;
  if (visit === undefined) return skipped("skip_no_token");
  const sent = message("token_sent");
  const { tokenFault } = dialogue ?? {};
  if (tokenFault !== undefined) return failed(message(tokenFault), { sent, received: saidBy(visit) });
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

function needsPassword(context: Context): Outcome | undefined {
  const { dialogue, isAskedFor } = context;
  const { obstacle } = dialogue ?? {};
  if (obstacle !== undefined && obstacle !== "skip_no_login") return skipped(obstacle);
  if (dialogue?.hasPasswords) return undefined;
  if (isLost(context)) return skipped("skip_dialogue_lost");
  return isAskedFor ? failed(message("why_no_password")) : skipped("skip_no_password");
}

/** What makes no sense without passwords; that they are missing is said once. */
function needsPasswords(context: Context): Outcome | undefined {
  const { dialogue } = context;
  if (dialogue?.obstacle !== undefined) return skipped(dialogue.obstacle);
  return dialogue?.hasPasswords ? undefined : skipped(isLost(context) ? "skip_dialogue_lost" : "skip_no_password");
}

/** Whether neither the name nor the password, or what was taken for that, led anywhere. */
function isLost({ dialogue, server }: Context): boolean {
  return dialogue?.first.asked.has("password") === true && !server.echoes;
}

/** The first of the last words: a short token behind it may be letters alone. */
function beginning(visit: Visit): string {
  return essence(visit).split(" ", 1)[0] ?? "";
}

/** The last words without what differs each time: tokens, numbers, and secrets. */
function essence({ said }: Visit): string {
  const last = said.at(-1) ?? "";
  const words = last.split(/\s+/).filter((word) => !/\d|[A-Za-z0-9_.~+/=-]{16,}/.test(word)).join(" ");
  // Some have nothing but a number to say.
  return /\p{L}/u.test(words) ? words : last;
}

/** The last thing that was said, which may hold a token. */
function saidBy({ said }: Visit): Evidence {
  return quoted((said.at(-1) ?? "").replace(/[A-Za-z0-9_.~+/=-]{16,}/g, "…"));
}

function quoted(text: string): Evidence {
  return text === "" ? message("nothing") : `"${escapeText(text.slice(0, 120))}"`;
}
