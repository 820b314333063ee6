/**
 * Mode `identify`: a client is known by its address. That is no authentication: whoever shares or takes over the address
 * (NAT, a shared host, a new lease) is greeted by the same name.
 *
 * @module
 */
import { checkUserName, type UserName } from "../auth/names.ts";
import { MAX_NAME } from "../base/limits.ts";
import { Dialogue } from "./dialogue.ts";
import type { Effect } from "./effects.ts";
import type { ReplyLanguage } from "./reply_texts.ts";
import type { IdentifyServices } from "./services.ts";

/**
 * The server's side: `230` at once for a known address; else `331`, a name, which is stored before the `230`.
 *
 * @example
 * ```ts
 * import { IdentifyDialogue } from "./identify_dialogue.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const stored: string[] = [];
 * const dialogue = new IdentifyDialogue({
 *   findHost: () => Promise.resolve(null),
 *   putHost: (name) => Promise.resolve(stored.push(name)),
 * }, { language: "en" });
 * assertEquals(await dialogue.greeting(), [{ type: "reply", message: "331 What is your name?" }]);
 * const effects = await dialogue.receive("Anna");
 * assertEquals(effects.filter(({ type }) => type === "reply"), [{ type: "reply", message: "230 Welcome, Anna." }]);
 * assertEquals(stored, ["Anna"]);
 * ```
 */
export class IdentifyDialogue extends Dialogue {
  readonly #services: IdentifyServices;

  constructor(services: IdentifyServices, { language }: { readonly language: ReplyLanguage }) {
    super(language);
    this.#services = services;
  }

  protected override async open(): Promise<Effect[]> {
    const stored = await this.#services.findHost();
    const known = stored === null ? undefined : checkUserName(stored);
    if (known === undefined || "fault" in known) return [this.reply(331, "ask_name")];
    return [this.log("identified", { name: known.name }), ...this.#accept(known.name, "welcome_back")];
  }

  protected override async answer(message: string): Promise<Effect[]> {
    const checked = checkUserName(message);
    if ("fault" in checked) return this.detour(501, `name_${checked.fault}`, { details: { max: MAX_NAME } });
    await this.#services.putHost(checked.name);
    return [this.log("host_named", { name: checked.name }), ...this.#accept(checked.name, "welcome")];
  }

  protected override restart(): void {
    // The name is all that is ever asked for.
  }

  #accept(name: UserName, greeting: "welcome" | "welcome_back"): Effect[] {
    return [this.reply(230, greeting, { details: { name } }), { type: "accept", identity: { name } }];
  }
}
