/**
 * What the server's dialogues have in common: one message, one reply, until one of them accepts or closes.
 *
 * @module
 */
import { ConfigError, StorageError, UsageError } from "../base/errors.ts";
import type { Details } from "../base/errors.ts";
import { tryDecodeUtf8 } from "../base/text.ts";
import type { DialogueEvent, Effect, LogFields, ServerDialogue } from "./effects.ts";
import { formatReply, type ReplyCode, type Tags } from "./replies.ts";
import { type ReplyLanguage, replyText, type ReplyTextKey } from "./reply_texts.ts";

/** Messages of one dialogue that lead back to the name without a failed log-in; people need few, only a loop needs more. */
const MAX_DETOURS = 100;

/** What a reply may carry besides its text. */
export interface ReplyParts {
  readonly tags?: Tags;
  readonly details?: Details;
}

/** A dialogue of one connection; the subclasses say what a message means. */
export abstract class Dialogue implements ServerDialogue {
  readonly #language: ReplyLanguage;
  #state: "new" | "waiting" | "answering" | "over" = "new";
  #detours = 0;

  constructor(language: ReplyLanguage) {
    this.#language = language;
  }

  greeting(): Promise<Effect[]> {
    return this.#turn("new", () => this.open());
  }

  receive(message: string | Uint8Array): Promise<Effect[]> {
    return this.#turn("waiting", () => {
      const text = typeof message === "string" ? message : tryDecodeUtf8(message);
      return text === undefined ? Promise.resolve(this.detour(500, "not_understood")) : this.answer(text);
    });
  }

  /** The effects of the greeting. */
  protected abstract open(): Promise<Effect[]>;
  /** The effects of a message. */
  protected abstract answer(message: string): Promise<Effect[]>;
  /** Forgets what was said: the next message is a name or a command. */
  protected abstract restart(): void;

  protected reply(code: ReplyCode, key: ReplyTextKey, { tags = {}, details = {} }: ReplyParts = {}): Effect {
    return { type: "reply", message: formatReply(code, replyText(key, this.#language, details), tags) };
  }

  protected log(event: DialogueEvent, fields: LogFields = {}): Effect {
    return { type: "log", event, fields };
  }

  /** A reply that leads back to the name. There may be {@linkcode MAX_DETOURS} of them. */
  protected detour(code: ReplyCode, key: ReplyTextKey, parts: ReplyParts = {}): Effect[] {
    this.restart();
    if (++this.#detours < MAX_DETOURS) {
      const log = code >= 500 ? [this.log("mistake", { code, reason: key })] : [];
      return [...log, this.reply(code, key, parts)];
    }
    return this.closing("too_many_mistakes", "too_many_mistakes");
  }

  /** 421: the last words. */
  protected closing(event: DialogueEvent, key: ReplyTextKey, fields: LogFields = {}): Effect[] {
    return [this.log(event, fields), this.reply(421, key), { type: "close" }];
  }

  async #turn(from: "new" | "waiting", act: () => Promise<Effect[]>): Promise<Effect[]> {
    if (this.#state !== from) {
      throw new UsageError("closed", `Cannot go on with the dialogue: it is ${this.#state}, not ${from}`);
    }
    this.#state = "answering";
    let isOver = true;
    try {
      const effects = await act().catch((error: unknown) => this.#storageFailed(error));
      isOver = effects.some(({ type }) => type === "accept" || type === "close");
      return effects;
    } finally {
      this.#state = isOver ? "over" : "waiting";
    }
  }

  #storageFailed(error: unknown): Effect[] {
    const isStore = error instanceof StorageError || (error instanceof ConfigError && error.code === "bad_store");
    if (!isStore) throw error;
    const { code, details: { problem } } = error;
    return this.closing("storage_failed", "storage", {
      code,
      ...typeof problem === "string" ? { reason: problem } : {},
    });
  }
}
