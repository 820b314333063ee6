/**
 * What explain saw as a page of its own: a sequence diagram, drawn here and not by a script, so that it is there without
 * one, and can be printed. Every value from the wire is escaped twice, for the eye and for HTML.
 *
 * @module
 */
import { VERSION } from "../../cli/version.ts";
import type { FrameEvent, WireEvent } from "./events.ts";
import * as phrases from "./phrases.ts";
import type { Recording } from "./recording.ts";
import type { Translate } from "./texts.ts";
import { escapeHtml } from "../../base/html.ts";
import { countText, figuresIn } from "../../cli/format.ts";
import { pageOf } from "../../cli/page.ts";

/** What the page tells beside the recording. */
export interface PageOptions {
  readonly target: string;
  readonly showsSecrets: boolean;
  /** What the recording's totals say, in words. */
  readonly summary: string;
  readonly t: Translate;
}

/** Characters of a message on its arrow; the rest is inside. */
const ON_ARROW = 48;

export async function explainPage(
  { events, all }: Pick<Recording, "events" | "all">,
  { target, showsSecrets, summary, t }: PageOptions,
): Promise<string> {
  const title = t("explain.html.title", { target });
  const notes = [
    t("explain.html.about"),
    t(showsSecrets ? "explain.html.unmasked" : "explain.html.masked"),
    ...all === 0 ? [t("explain.html.nothing")] : [],
  ];
  const bound = events.length === all
    ? ""
    : `<p class="bound">${
      escapeHtml(t("explain.html.bounded", { shown: countText(events.length), all: countText(all) }))
    }</p>\n`;
  const connections = byConnection(events);
  const body = `<h1>${escapeHtml(title)}</h1>
<p class="summary">${escapeHtml(summary)}</p>
<p>${notes.map(escapeHtml).join(" ")}</p>
${contents(connections, t)}${bound}${connections.map((some) => section(some, t)).join("\n")}
${bound}<footer>echo-client explain ${escapeHtml(VERSION)}</footer>`;
  return await pageOf({ language: t.language, title, style: STYLE, body });
}

/** Where each connection is, and how it went, where there are several. */
function contents(connections: readonly (readonly WireEvent[])[], t: Translate): string {
  if (connections.length < 2) return "";
  const items = connections.map((events) => {
    const [{ connection = 0 } = {}] = events;
    const frames = events.filter(({ event }) => event === "frame").length;
    const isBad = events.some(isFault);
    const told = [opening(events)?.client ?? "", phrases.counted(frames, "frames", t)].filter(Boolean).join(", ");
    return `<li><a href="#c${connection}">#${connection}</a> ${escapeHtml(told)}${
      isBad ? ` <b class="fault">${escapeHtml(t("explain.html.fault"))}</b>` : ""
    }</li>`;
  });
  return `<nav><ul>${items.join("\n")}</ul></nav>\n`;
}

function opening(events: readonly WireEvent[]): Extract<WireEvent, { client: string }> | undefined {
  return events.find((event) => event.event === "open" || event.event === "unreachable");
}

/** Whether an event is drawn in the colour of what went wrong. */
function isFault(event: WireEvent): boolean {
  switch (event.event) {
    case "unreachable":
    case "problem":
    case "failed":
    case "notice":
      return true;
    case "frame":
      return !event.complete;
    case "end":
      return event.kind !== "half-close";
    default:
      return false;
  }
}

/** The events of each connection, in the order in which they came. */
function byConnection(events: readonly WireEvent[]): WireEvent[][] {
  const found = new Map<number, WireEvent[]>();
  for (const event of events) {
    const some = found.get(event.connection);
    if (some === undefined) found.set(event.connection, [event]);
    else some.push(event);
  }
  return [...found.values()];
}

function section(events: readonly WireEvent[], t: Translate): string {
  const first = opening(events);
  const number = events[0]?.connection ?? 0;
  const [client, server, time] = first === undefined ? ["", "", ""] : [first.client, first.server, first.time];
  return `<section id="c${number}">
<h2>#${number} <time>${escapeHtml(time)}</time></h2>
<div class="heads"><span class="time">${escapeHtml(t("explain.html.time"))}</span><b class="client">${
    escapeHtml(phrases.directionText("client", t))
  }<br><small>${escapeHtml(client)}</small></b><b class="server">${
    escapeHtml(phrases.directionText("server", t))
  }<br><small>${escapeHtml(server)}</small></b></div>
<ol>
${events.map((event, at) => pause(event, events[at - 1], t) + row(event, t)).join("\n")}
</ol>
</section>`;
}

/** Silence worth telling before an event, in ms. */
const LONG_SILENCE = 1000;

/** How long nothing came, where that was long. */
function pause({ at_ms: at }: WireEvent, before: WireEvent | undefined, t: Translate): string {
  const silence = at - (before?.at_ms ?? at);
  if (silence < LONG_SILENCE) return "";
  const time = figuresIn(t.language).time(1000 * silence);
  return `<li class="gap"><span class="time"></span><div class="lane">${
    escapeHtml(t("explain.html.gap", { time }))
  }</div></li>\n`;
}

/** A row: the time at the left, and between the two life lines what happened. */
function row(event: WireEvent, t: Translate): string {
  const line = (kind: string, content: string, isTimed = true): string =>
    `<li class="${kind}"><span class="time">${
      isTimed ? figuresIn(t.language).fixed(event.at_ms, 3) : ""
    }</span><div class="lane">${content}</div></li>`;
  switch (event.event) {
    case "open":
      return line("note", escapeHtml(phrases.openText(event, t)));
    case "notice":
      return line(`end ${event.from} bad`, arrow(escapeHtml(phrases.noticeText(event, t))));
    case "tls":
      return line("note", escapeHtml(t("explain.tls", { version: event.version, cipher: event.cipher })));
    case "unreachable":
      return line("note bad", escapeHtml(t("explain.unreachable", { client: event.client, reason: event.reason })));
    case "read":
      return line(`read ${event.from}`, `<span>${escapeHtml(phrases.readText(event, t))}</span>`);
    case "frame":
      return line(`frame ${event.from}${event.complete ? "" : " bad"}`, frame(event, t), false);
    case "datagram":
      return line(`frame ${event.from}`, arrow(escapeHtml(phrases.datagramText(event, t))));
    case "problem":
      return line(`problem ${event.from} bad`, `<span>${escapeHtml(phrases.problemText(event, t))}</span>`, false);
    case "end":
      return line(
        `end ${event.from}${event.kind === "half-close" ? "" : " bad"}`,
        arrow(escapeHtml(phrases.endText(event, t))),
      );
    case "close": {
      const client = phrases.counted(event.client_bytes, "bytes", t);
      return line(
        "note",
        escapeHtml(t("explain.close", { client, server: phrases.counted(event.server_bytes, "bytes", t) })),
      );
    }
    case "fault":
      return line(`end ${event.from} bad`, arrow(escapeHtml(phrases.faultText(event, t))));
    case "failed":
      return line("note bad", escapeHtml(t("explain.failed", { reason: event.reason })));
  }
}

/** An arrow from one life line to the other, with words on it. */
function arrow(words: string): string {
  return `<span class="words">${words}</span><span class="arrow"></span>`;
}

function frame(event: FrameEvent, t: Translate): string {
  const { payload, meanings, frame: number, framing, length } = event;
  const text = phrases.payloadText(payload, t);
  const said = meanings.map((meaning) => phrases.meaningText(meaning, t));
  const size = phrases.counted(framing === "line" ? payload.bytes : length, "bytes", t);
  const [shown = ""] = [text ?? payload.hex].map((whole) =>
    whole.length > ON_ARROW ? `${[...whole].slice(0, ON_ARROW).join("")}…` : whole
  );
  const rest = phrases.restText(payload, t);
  // A step of SASL says more than the reply that carries it.
  const step = meanings.findIndex(({ id }) => /^(?:client|server)-/.test(id));
  const title = said[step < 0 ? 0 : step]?.title;
  const what = title === undefined ? "" : ` <i>${escapeHtml(title)}</i>`;
  return `<details><summary>${
    arrow(`<b>${number}</b> · ${escapeHtml(size)} · <span class="text">${escapeHtml(shown)}</span>${what}`)
  }</summary><div class="inside">
<p>${escapeHtml(framing === "raw" ? phrases.frameText(event, t) : phrases.headerText(event, t))}${
    framing === "raw" ? "" : `<br>${escapeHtml(phrases.frameText({ ...event, framing: "raw" }, t))}`
  }</p>
${text === undefined ? "" : `<p class="text">${escapeHtml(text)}</p>`}
<pre tabindex="0">${escapeHtml(bytesRows(payload.hex))}${rest === undefined ? "" : `\n${escapeHtml(rest)}`}</pre>
${said.map(({ title, fields }) => `<p>${escapeHtml(title)}</p>${list(fields)}`).join("\n")}
</div></details>`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "" : `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
}

/** Rows of eight bytes, which a telephone has room for: offset, digits, and what of them is ASCII. */
function bytesRows(hex: string): string {
  const bytes = hex === "" ? [] : hex.split(" ");
  const rows = Array.from({ length: Math.ceil(bytes.length / 8) }, (_, at) => bytes.slice(8 * at, 8 * at + 8));
  return rows.map((row, at) => {
    const text = row.map((byte) => /^[2-6].$|^7[0-9a-e]$/.test(byte) ? String.fromCharCode(parseInt(byte, 16)) : "·");
    return `${(8 * at).toString(16).padStart(4, "0")}  ${row.join(" ").padEnd(23)}  ${text.join("")}`;
  }).join("\n");
}

/** Two columns of time and lane; the lane's borders are the life lines, and arrows go from one to the other. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1c1f23; --page: #fff; --line: #b6bcc4; --client: #1862ab; --server: #22702f; --bad: #c92a2a; --soft: #f1f3f5; --dim: #555c64 }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --page: #16181b; --line: #555c64; --client: #74b3f5; --server: #7fd18f; --bad: #ff8787; --soft: #22262b; --dim: #a9b1b9 } }
* { box-sizing: border-box }
body { background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; margin: 0 }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } time, small, .time { font-weight: normal; color: var(--dim) } nav ul { list-style: none; padding: 0; columns: 18rem } a { color: var(--client) } .fault { color: var(--bad) }
.summary { font-weight: bold } .bound { border-left: 4px solid var(--bad); padding-left: .75rem }
.client { --side: var(--client) } .server { --side: var(--server) }
.heads, section > ol > li { display: grid; grid-template-columns: 6rem minmax(0, 1fr) }
.heads { grid-template-columns: 6rem minmax(0, 1fr) minmax(0, 1fr) }
.heads b { color: var(--side); padding-bottom: .25rem } .heads .server { text-align: right }
section > ol { list-style: none; margin: 0; padding: 0 }
.time { font: 12px/1.9 ui-monospace, monospace; text-align: right; padding: .1rem .6rem 0 0 }
.lane { border: solid var(--line); border-width: 0 3px; min-height: 1.4rem; padding: .15rem 0 }
.note .lane { text-align: center; font-size: 13px; padding: .35rem 1rem }
.read .lane { font-size: 12px } .read .lane span, .problem .lane span { display: inline-block; border-top: 1px dashed var(--side); padding: 0 .5rem; max-width: 80% }
.server.read .lane, .server.problem .lane { text-align: right }
.words { display: block; padding: .1rem 1rem 0; overflow-wrap: anywhere } .server .words { text-align: right } .words i { color: var(--dim) } summary .words::before { content: '▸ '; color: var(--side) } [open] > summary .words::before { content: '▾ ' } .gap .lane { text-align: center; font-size: 13px; color: var(--dim); border-style: dotted; padding: .5rem }
.arrow { display: block; position: relative; height: 12px }
.arrow::before { content: ""; position: absolute; left: 0; right: 0; top: 5px; border-top: 2px solid var(--side) }
.arrow::after { content: ""; position: absolute; top: 0; border: 6px solid transparent; border-width: 6px 9px }
.client .arrow::after { right: 0; border-left-color: var(--side); border-right-width: 0 }
.server .arrow::after { left: 0; border-right-color: var(--side); border-left-width: 0 }
.end .arrow::before { border-top-style: dashed } .bad { --side: var(--bad) } .note.bad .lane, .problem .lane span { color: var(--bad) }
summary { cursor: pointer; list-style: none } summary::-webkit-details-marker { display: none }
summary:focus-visible, pre:focus-visible, a:focus-visible { outline: 2px solid var(--side, var(--client)) } summary:hover { background: var(--soft) }
.text { font-family: ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap }
.inside { background: var(--soft); margin: 0 1rem .5rem; padding: .25rem .75rem; font-size: 13px } .inside p { margin: .4rem 0; overflow-wrap: anywhere }
.inside ul { margin: .2rem 0; overflow-wrap: anywhere } pre { margin: .4rem 0; overflow: auto; font: 12px/1.5 ui-monospace, monospace }
footer { margin-top: 2rem; font-size: 12px; color: var(--dim) }
@media (max-width: 34rem) { .heads, section > ol > li { grid-template-columns: minmax(0, 1fr) } .heads { grid-template-columns: repeat(2, minmax(0, 1fr)) } .heads .time { grid-column: 1 / -1 } .time { text-align: left } .time:empty { display: none } .inside { margin: 0 0 .5rem; padding: .25rem .4rem } .words { padding: .1rem .5rem 0 } }
@media print { pre { overflow: visible; white-space: pre-wrap } li { break-inside: avoid } h2, .heads { break-after: avoid } nav { display: none } }
`;
