/**
 * The screen as HTML: panels, each of which the page replaces as a whole when it has changed. All that comes from a client
 * goes through {@linkcode escapeHtml}.
 *
 * @module
 */
import { escapeHtml as e } from "../../../base/html.ts";
import { escapeText, tryDecodeUtf8 } from "../../../base/text.ts";
import { figuresIn, roundText } from "../../../cli/format.ts";
import type { SeenFrame } from "../../../server/watch.ts";
import { liveChart } from "./chart.ts";
import { type Address, type Mistake, type Model, ROWS, type Second } from "./model.ts";
import type { Translate } from "./texts.ts";

/** The panels by the id of the element that they fill. */
export type Panels = Readonly<Record<string, string>>;

/** What the screen shows now. */
export function panelsOf(model: Model, t: Translate): Panels {
  const { facts } = model;
  return {
    figures: figures(model, t),
    rate: rateChart(model.seconds, t),
    latency: latencyChart(model.seconds, t),
    clients: clients(model, t),
    tasks: tasks(model, t),
    mistakes: mistakes(model.mistakes, t),
    limits: limits(model, t),
    ...facts.frames > 0 ? { frames: frames(model.frames, t) } : {},
  };
}

function figures({ open, seconds, totals, isReady }: Model, t: Translate): string {
  const f = figuresIn(t.language);
  const last = seconds.at(-1);
  const shown = [
    [t("page.connected"), f.count(open)],
    [t("page.frames_rate"), roundText(f.rate(last?.frames ?? 0))],
    [t("page.bytes_rate"), f.bytes(last?.bytes ?? 0)],
    [t("page.latency"), f.time(last?.p50 ?? null)],
    [t("page.total"), f.count(totals.frames)],
  ] as const;
  const cards = shown.map(([name, value]) => `<div><dt>${e(name)}</dt><dd>${e(value)}</dd></div>`).join("");
  return `${isReady ? "" : `<p class="alarm">${e(t("page.starting"))}</p>`}<dl>${cards}</dl>`;
}

function rateChart(seconds: readonly Second[], t: Translate): string {
  const f = figuresIn(t.language);
  const rates = seconds.map(({ frames }) => frames);
  return liveChart({
    title: t("page.rate_chart"),
    summary: `${t("page.rate_chart")}: ${
      t("page.chart_now", { now: roundText(f.rate(rates.at(-1) ?? 0)), most: roundText(f.rate(Math.max(0, ...rates))) })
    }`,
    lines: [rates],
    names: [],
    text: (value) => roundText(f.rate(value)),
    below: [t("page.ago"), t("page.now")],
  });
}

function latencyChart(seconds: readonly Second[], t: Translate): string {
  const f = figuresIn(t.language);
  const slow = seconds.map(({ p99 }) => p99);
  return liveChart({
    title: t("page.latency_chart"),
    summary: `${t("page.latency_chart")}: ${t("page.p99")}, ${
      t("page.chart_now", { now: f.time(slow.at(-1) ?? null), most: f.time(Math.max(0, ...slow.map((us) => us ?? 0))) })
    }`,
    lines: [seconds.map(({ p50 }) => p50), slow],
    names: [t("page.p50"), t("page.p99")],
    text: (value) => roundText(f.time(value)),
    isLog: true,
    below: [t("page.ago"), t("page.now")],
  });
}

function clients({ connections, open, facts }: Model, t: Translate): string {
  const f = figuresIn(t.language);
  const hasNames = facts.mode !== "echo";
  const rows = connections.map(({ peer, name, since, frames, bytesIn, isUnauthenticated }) => [
    ...hasNames ? [name ?? (isUnauthenticated ? t("page.talking") : "")] : [],
    peer,
    timeOf(since),
    f.count(frames),
    f.bytes(bytesIn),
  ]);
  const head = [
    ...hasNames ? [t("page.name")] : [],
    t("page.address"),
    t("page.since"),
    t("page.frames"),
    t("page.bytes"),
  ];
  const more = open - rows.length;
  return `<h2>${e(t("page.clients"))}</h2>${
    rows.length === 0 ? `<p>${e(t("page.nobody"))}</p>` : table(head, rows.map((row) => row.map(e)), head.length - 2)
  }${more > 0 ? `<p>${e(t("page.more", { count: f.count(more) }))}</p>` : ""}`;
}

function tasks({ addresses, facts }: Model, t: Translate): string {
  const { mode, framing } = facts;
  const columns: readonly (readonly [string, (address: Address) => State])[] = [
    [t("page.task_1"), ({ ended, connections }) => ended > 0 && connections > 1 ? "yes" : "not_yet"],
    ...mode === "identify" ? [[t("page.task_5"), ({ isNamed }: Address) => isNamed ? "yes" : "not_yet"] as const] : [],
    ...mode === "auth"
      ? [
        [t("page.task_6"), ({ hasLoggedIn }: Address) => hasLoggedIn ? "yes" : "not_yet"] as const,
        [t("page.task_6_token"), ({ hasResumed }: Address) => hasResumed ? "yes" : "not_yet"] as const,
      ]
      : [],
    ...framing.kind === "none" ? [] : [
      [
        t("page.task_7"),
        ({ isMistaken, most }: Address) => isMistaken ? "no" : most > 0 ? "yes" : "not_yet",
      ] as const,
    ],
    [t("page.task_8"), ({ most }) => most > 1 + DIALOGUE_FRAMES[mode] ? "yes" : "not_yet"],
  ];
  const shown = [...addresses].reverse().slice(0, ROWS);
  const rows = shown.map(([address, known]) => [
    known.name === undefined ? e(address) : `${e(known.name)} <small>${e(address)}</small>`,
    ...columns.map(([, stateOf]) => cell(stateOf(known), t)),
  ]);
  const head = [t("page.address"), ...columns.map(([name]) => name)];
  const more = addresses.size - rows.length;
  return `<h2>${e(t("page.tasks"))}</h2>${
    rows.length === 0 ? `<p>${e(t("page.nobody"))}</p>` : table(head, rows, head.length)
  }${more > 0 ? `<p>${e(t("page.more", { count: more }))}</p>` : ""}<p class="note">${e(t("page.tasks_note"))}</p>`;
}

/** Frames that a client may need to be let in: they are counted, and are no messages of its user. */
const DIALOGUE_FRAMES = { echo: 0, identify: 1, auth: 3 } as const;

type State = "yes" | "no" | "not_yet";

const SIGNS: Readonly<Record<State, string>> = { yes: "✓", no: "✗", not_yet: "·" };

function cell(state: State, t: Translate): string {
  return `<span class="${state}" role="img" aria-label="${e(t(`page.${state}`))}">${SIGNS[state]}</span>`;
}

function mistakes(mistakes: readonly Mistake[], t: Translate): string {
  const items = mistakes.map((mistake) =>
    `<li><time>${timeOf(mistake.at)}</time> <b>${e(mistake.who)}</b> ${e(mistakeText(mistake, t))}</li>`
  );
  return `<h2>${e(t("page.mistakes"))}</h2>${
    items.length === 0 ? `<p>${e(t("page.no_mistakes"))}</p>` : `<ul>${items.join("")}</ul>`
  }`;
}

function mistakeText({ code, length, header, speaks, fits }: Mistake, t: Translate): string {
  const announced = length === undefined ? {} : { length: lengthText(length, t) };
  const said = code !== "frame_too_large"
    ? t.find(`mistake.${code}`) ?? code
    : length === undefined
    ? t("mistake.secret")
    : header === undefined
    ? t("mistake.announced", announced)
    : t("mistake.text", { ...announced, header: escapeText(header) });
  return [
    said,
    ...speaks === undefined || speaks === "nothing" || (speaks === "text" && header !== undefined)
      ? []
      : [speaks === "text" ? t("mistake.speaks_text") : t("mistake.speaks", { speaks })],
    ...fits === undefined ? [] : [t("mistake.fits", { fits })],
  ].join("; ");
}

function limits({ limits }: Model, t: Translate): string {
  const items = [...limits].reverse().map(([limit, { at, count, who }]) =>
    `<li><time>${timeOf(at)}</time> <b>${e(t.find(`limit.${limit}`) ?? limit)}</b> ${
      e(t("page.times", { count: figuresIn(t.language).count(count), who }))
    }</li>`
  );
  return `<h2>${e(t("page.limits"))}</h2>${
    items.length === 0 ? `<p>${e(t("page.no_limits"))}</p>` : `<ul>${items.join("")}</ul>`
  }`;
}

function frames(frames: readonly SeenFrame[], t: Translate): string {
  const items = frames.toReversed().map(({ at, peer, shown }) =>
    `<li><time>${timeOf(at)}</time> <b>${e(peer)}</b> ${
      shown === undefined ? `<i>${e(t("page.hidden"))}</i>` : payload(shown, t)
    }</li>`
  );
  return `<h2>${e(t("page.last_frames"))}</h2>${
    items.length === 0 ? `<p>${e(t("page.no_frames"))}</p>` : `<ul class="frames">${items.join("")}</ul>`
  }`;
}

function payload({ length, bytes }: NonNullable<SeenFrame["shown"]>, t: Translate): string {
  const isCut = length > bytes.length;
  const text = tryDecodeUtf8(bytes, { isCut });
  const more = isCut ? "…" : "";
  const read = text === undefined ? "" : `<q>${e(escapeText(text))}${more}</q>`;
  const hex = bytes.toHex().replace(/..(?=.)/g, "$& ");
  return length === 0
    ? `<i>${e(t("page.empty"))}</i>`
    : `${e(lengthText(length, t))} ${read}<code>${hex}${more}</code>`;
}

/** So many bytes, in the plural that the number has. */
function lengthText(length: number, t: Translate): string {
  const form = new Intl.PluralRules(t.language).select(length);
  // Spaces between its digits must not break it over two lines.
  const count = figuresIn(t.language).count(length).replaceAll(" ", "\u00a0");
  return t.find(`page.length.${form}`, { count }) ?? count;
}

/** A table; `figuresFrom`: the column from which on there are figures. Cells are HTML. */
function table(head: readonly string[], rows: readonly (readonly string[])[], figuresFrom: number): string {
  const classOf = (at: number): string => at >= figuresFrom ? ` class="figure"` : "";
  return `<table><thead><tr>${
    head.map((name, at) => `<th scope="col"${classOf(at)}>${e(name)}</th>`).join("")
  }</tr></thead><tbody>${
    rows.map((row) =>
      `<tr>${
        row.map((html, at) => at === 0 ? `<th scope="row">${html}</th>` : `<td${classOf(at)}>${html}</td>`).join("")
      }</tr>`
    ).join("\n")
  }</tbody></table>`;
}

/** The time of day here. */
export function timeOf(ms: number): string {
  const date = new Date(ms);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
