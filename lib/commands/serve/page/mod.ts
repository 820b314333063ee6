/**
 * `--page HOST:PORT`: who is connected and what happens, for a projector or for one who debugs alone. Loaded only when asked
 * for.
 *
 * @module
 */
import { hostPort, isLocal } from "../../../base/address.ts";
import { escapeHtml as e } from "../../../base/html.ts";
import type { Language } from "../../../cli/texts.ts";
import { pageOf } from "../../../cli/page.ts";
import { listenAlone } from "../../../net/listen.ts";
import { type HttpRequest, type HttpResponse, HttpServer } from "../../../server/http.ts";
import type { LogFields, LogLevel, ServiceLog } from "../../../server/log.ts";
import type { Stats } from "../../../server/stats.ts";
import type { Seen } from "../../../server/watch.ts";
import { type Gate, gateOf, HEADERS, makeToken, readToken } from "./access.ts";
import { SCRIPT, STYLE } from "./assets.ts";
import { Model, type ServerFacts } from "./model.ts";
import { pageTexts, type Translate } from "./texts.ts";
import { type Panels, panelsOf, timeOf } from "./view.ts";

/** How often the screen is brought up to date, in ms. */
const TICK = 1000;

/** What the screen shows, and to whom. */
interface ScreenOptions {
  readonly language: Language;
  readonly mode: ServerFacts["mode"];
  readonly framing: ServerFacts["framing"];
  /** Frames shown, maybe none. */
  readonly frames: number;
  readonly stats: Stats;
}

/** Where the screen listens. */
export interface PageOptions {
  readonly host: string;
  readonly port: number;
  /** A file with the token that whoever looks has to have. */
  readonly tokenFile: string | undefined;
  /** A viewer could not be accepted; it is tried again. */
  readonly onError?: (error: unknown) => void;
}

/** A screen that is open. */
export interface Page extends AsyncDisposable {
  /** Where it listens: `127.0.0.1:8080`. */
  readonly address: string;
  /** What to open; with the token, where it was made here. */
  readonly url: string;
  /** Whether nothing but `url` tells the token. */
  readonly isSecret: boolean;
}

/** What the server shows of itself. */
export class Screen {
  readonly #options: ScreenOptions;
  readonly #model: Model;
  #gate: Gate = () => Promise.resolve(undefined);
  /** What is shown now, in the languages in which somebody looks. */
  readonly #shown = new Map<Language, Panels>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;
  #next = Promise.withResolvers<void>();

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#model = new Model(options);
  }

  /** A log whose events the screen is told of, too, whatever its level leaves out. */
  tapped(log: ServiceLog): ServiceLog {
    const at = (level: LogLevel) => (event: string, fields: LogFields = {}): void => {
      this.#model.tell(event, fields);
      log[level](event, fields);
    };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      reopen: () => log.reopen(),
      [Symbol.dispose]: () => log[Symbol.dispose](),
    };
  }

  /**
   * Opens the screen. Away from loopback it has a token: the one in `tokenFile`, or one that is made here.
   *
   * @throws {NetworkError} `port_busy`, `permission`, `address_unavailable`, `host_not_found`
   * @throws {ConfigError} `untrusted_file`, `bad_secret_file`
   */
  open({ host, port, tokenFile, onError }: PageOptions): Page {
    const given = tokenFile === undefined ? undefined : readToken(tokenFile);
    const listener = listenAlone({ hostname: host, port });
    const { addr } = listener;
    const made = given === undefined && !isLocal(addr) ? makeToken() : undefined;
    const token = given ?? made;
    const refusal = async (): Promise<string> => await refusalPage(await pageTexts(this.#options.language));
    if (token !== undefined) this.#gate = gateOf(token, { port: addr.port, refusal });
    const respond = async (request: HttpRequest): Promise<HttpResponse> =>
      await this.#gate(request) ?? await this.#respond(request);
    const server = new HttpServer(listener, { hostname: host, respond, ...(onError ? { onError } : {}) });
    const name = ["0.0.0.0", "::"].includes(addr.hostname) ? Deno.hostname() : addr.hostname;
    return {
      address: hostPort(addr.hostname, addr.port),
      url: `http://${hostPort(name, addr.port)}/${made === undefined ? "" : `?token=${made}`}`,
      isSecret: made !== undefined,
      [Symbol.asyncDispose]: async (): Promise<void> => {
        clearInterval(this.#timer);
        this.#isClosed = true;
        this.#next.resolve();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  /** From now on, each second, what `see` tells is shown. */
  begin(places: readonly string[], see: () => Seen[] | Promise<Seen[]>): void {
    const { stats } = this.#options;
    this.#model.places = places;
    let isBusy = false;
    const tick = async (): Promise<void> => {
      if (isBusy) return;
      isBusy = true;
      await stats.refresh().catch(() => {/* a worker that has died ends the server */});
      this.#model.see(await see(), stats);
      isBusy = false;
      this.#shown.clear();
      this.#next.resolve();
      this.#next = Promise.withResolvers();
    };
    this.#timer = setInterval(() => void tick(), TICK);
  }

  async #respond({ path, query }: HttpRequest): Promise<HttpResponse> {
    const asked = query.get("lang");
    const language = asked === "ru" || asked === "en" ? asked : this.#options.language;
    switch (path) {
      case "/":
        return {
          status: 200,
          body: await this.#document(await pageTexts(language), query.get("theme")),
          contentType: "text/html; charset=utf-8",
          headers: HEADERS,
        };
      case "/page.js":
        return { status: 200, body: SCRIPT, contentType: "text/javascript; charset=utf-8", headers: HEADERS };
      case "/events":
        return {
          status: 200,
          body: "",
          contentType: "text/event-stream; charset=utf-8",
          headers: HEADERS,
          events: this.#events(await pageTexts(language)),
        };
      default:
        return { status: 404, body: "Not found: try /\n" };
    }
  }

  /** Panels that have changed, each second. Whoever takes them too slowly is shown the latest, not all that were between. */
  async *#events(t: Translate): AsyncGenerator<string> {
    let last: Panels = {};
    while (!this.#isClosed) {
      const next = this.#next.promise;
      const shown = this.#panels(t);
      const changed = Object.entries(shown).filter(([id, html]) => last[id] !== html);
      last = shown;
      yield `data: ${JSON.stringify(Object.fromEntries(changed))}\n\n`;
      await next;
    }
  }

  #panels(t: Translate): Panels {
    const shown = this.#shown.get(t.language) ?? panelsOf(this.#model, t);
    this.#shown.set(t.language, shown);
    return shown;
  }

  async #document(t: Translate, theme: string | null): Promise<string> {
    const { facts, places, startedAt } = this.#model;
    const { figures = "", ...panels } = this.#panels(t);
    const told = { mode: facts.mode, framing: facts.framing.name, since: timeOf(startedAt) };
    const title = t("page.title", { places: places.join(", ") });
    const isKnown = theme === "light" || theme === "dark";
    const links = [
      ["ru", "Русский", `?lang=ru${isKnown ? `&theme=${theme}` : ""}`],
      ["en", "English", `?lang=en${isKnown ? `&theme=${theme}` : ""}`],
    ].map(([language, name, link]) =>
      language === t.language ? "" : `<a href="${e(link ?? "")}" lang="${language}">${name}</a>`
    );
    const themes = (["light", "dark"] as const).map((name) =>
      name === theme ? "" : `<a href="?lang=${t.language}&amp;theme=${name}">${e(t(`page.${name}`))}</a>`
    );
    const section = (id: string): string =>
      `<section id="${id}"${SCROLLING.has(id) ? ' tabindex="0"' : ""}>${panels[id]}</section>`;
    const body = `<header${isKnown ? ` data-theme="${theme}"` : ""}><h1>${e(title)}</h1><p>${
      e(t("page.facts", told))
    }</p>
<nav><button type="button" id="pause" data-pause="${e(t("page.pause"))}" data-resume="${e(t("page.resume"))}" hidden>${
      e(t("page.pause"))
    }</button>${[...themes, ...links].join("")}</nav></header>
<p class="alarm" id="lost" role="status" hidden>${e(t("page.lost"))}</p>
<div id="figures">${figures}</div>
<div class="panels">
<div>${["rate", "clients", "limits"].map(section).join("\n")}</div>
<div>${["latency", "mistakes", "tasks"].map(section).join("\n")}</div>
</div>${panels["frames"] === undefined ? "" : section("frames")}
<p class="note">${e(t("page.latency_note"))}</p>`;
    return await pageOf({ language: t.language, title, style: STYLE, body, script: "page.js" });
  }
}

/** Panels that scroll where they are long: the keyboard has to reach them. */
const SCROLLING: ReadonlySet<string> = new Set(["clients", "tasks", "frames", "mistakes"]);

/** Asks for the token. */
async function refusalPage(t: Translate): Promise<string> {
  const body = `<h1>echo-server</h1><p>${e(t("page.token"))}</p>
<form method="get" action="/"><label>${
    e(t("page.token_label"))
  } <input name="token" type="password" autocomplete="off"></label> <button>${e(t("page.open"))}</button></form>`;
  return await pageOf({ language: t.language, title: "echo-server", style: STYLE, body });
}
