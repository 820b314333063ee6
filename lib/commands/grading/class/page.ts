/**
 * A class as one page: the table, and a section for each student that prints on sheets of its own. It needs no script: what is
 * shown is chosen by form controls and style rules.
 *
 * @module
 */
import { escapeHtml } from "../../../base/html.ts";
import { pageOf } from "../../../cli/page.ts";
import { type CheckReport, type Finding, pageName } from "../model.ts";
import type { Translate } from "../texts.ts";
import { mostPoints } from "./marks.ts";
import { type Graded, TASKS, type TaskState } from "./model.ts";
import { type OutputContext, remarks } from "./outputs.ts";
import { pointsText, STATE_MARKS } from "./table.ts";

const STYLE = `
:root { color-scheme: light dark; --edge: light-dark(#c9ced6, #454b55); --quiet: light-dark(#535b66, #a9b1bd);
  --done: light-dark(#0b6b2e, #6fd193); --partly: light-dark(#7a5200, #f0bd58); --not_done: light-dark(#b3161b, #ff9c98);
  --not_tried: light-dark(#535b66, #a9b1bd); --ground: light-dark(#ffffff, #16181c); --lift: light-dark(#f4f6f8, #20242a) }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: light-dark(#16181c, #eceff3); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem } h2 { font-size: 1.25rem; margin: 0 0 .25rem; overflow-wrap: anywhere }
h3 { font-size: 1rem; margin: 1rem 0 .25rem }
a { color: light-dark(#0a56b8, #8fc1ff) }
.quiet { color: var(--quiet) }
fieldset { border: 1px solid var(--edge); border-radius: .5rem; margin: 1rem 0; padding: .5rem 1rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem }
label { display: inline-flex; gap: .4rem; align-items: center; min-height: 2rem }
.scroll { overflow-x: auto } .scroll:focus-visible { outline: 2px solid currentColor }
table { border-collapse: collapse; width: 100% }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--edge); text-align: center; white-space: nowrap }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 8rem; width: 22% }
td.points { text-align: right; font-variant-numeric: tabular-nums } td.remarks { text-align: left; white-space: normal; min-width: 9rem; overflow-wrap: anywhere }
.done { color: var(--done) } .partly { color: var(--partly) } .not_done { color: var(--not_done) } .not_tried { color: var(--not_tried) }
section { border-top: 2px solid var(--edge); margin-top: 2rem; padding-top: 1.25rem }
.finding { background: var(--lift); border-left: .25rem solid var(--not_done); border-radius: .25rem; padding: .5rem .75rem; margin: .5rem 0; overflow-wrap: anywhere }
.check { margin: .35rem 0; overflow-wrap: anywhere; break-inside: avoid } h2, h3 { break-after: avoid }
.finding.partly { border-color: var(--partly); color: inherit }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .75rem; margin: .25rem 0 } dt { color: var(--quiet) } dd { margin: 0; min-width: 0; overflow-wrap: anywhere }
code { font: .9em ui-monospace, monospace }
main:has(#show-open:checked) .is-done, main:has(#show-problem:checked) .is-examined,
main:has(#show-changed:checked) .is-same { display: none }
@media (max-width: 30rem) { main { padding: 1rem .75rem } th, td { padding: .3rem .25rem } dl { grid-template-columns: 1fr } }
@media print { :root { color-scheme: light } fieldset, .back { display: none } body { font-size: 11pt } main { max-width: none; padding: 0 }
  section { break-before: page; border: 0; margin: 0 } .finding { break-inside: avoid; border: 1px solid #999 } .scroll { overflow: visible } }
`;

export async function classPage(graded: readonly Graded[], context: OutputContext): Promise<string> {
  const { t, points } = context;
  const most = mostPoints(points).all;
  const hasBefore = graded.some(({ before }) => before !== undefined);
  const filters = ["all", "open", "problem", ...hasBefore ? ["changed"] : []].map((name) =>
    `<label><input type="radio" name="show" id="show-${name}"${name === "all" ? " checked" : ""}> ${
      say(t, `class.show.${name}`)
    }</label>`
  );
  // The points beside the name: on a telephone the rest is scrolled to.
  const head = [t("class.name"), t("class.points"), ...TASKS.map(String), t("class.bonuses"), t("class.remarks")];
  const body = [
    `<h1>${escapeHtml(t("class.title", { count: graded.length }))}</h1>`,
    `<p class="quiet">${escapeHtml(t("class.legend", { points: most }))}</p>`,
    `<fieldset><legend>${say(t, "class.show")}</legend>${filters.join("")}</fieldset>`,
    `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(t("class.table"))}"><table>`,
    `<thead><tr>${head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("")}</tr></thead><tbody>`,
    ...graded.map((one, at) => row(one, at, t)),
    "</tbody></table></div>",
    ...graded.map((one, at) => section(one, at, { t, most })),
  ];
  return await pageOf({
    language: t.language,
    title: t("class.title", { count: graded.length }),
    style: STYLE,
    body: body.join("\n"),
  });
}

/** The page of one program, which nobody gives points for. */
export async function programPage(
  { target, framing, checks, summary, notes = [] }: CheckReport,
  { tool, title, t }: { readonly tool: string; readonly title: (id: string) => string; readonly t: Translate },
): Promise<string> {
  const tasks = [...new Set(checks.map(({ task }) => task))].sort((a, b) => a - b);
  const body = [
    `<h1>${escapeHtml(tool)}</h1>`,
    `<p class="quiet">${escapeHtml(t(framing === "" ? "check.head.unframed" : "check.head", { target, framing }))}</p>`,
    `<p><strong>${escapeHtml(t("check.summary", summary))}</strong></p>`,
    ...notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    ...tasks.flatMap((task) => [
      `<h2>${escapeHtml(t("check.task", { task }))}</h2>`,
      ...checks.filter((finding) => finding.task === task).map((finding) => {
        const name = title(finding.id);
        if (finding.status === "failed") return findingBox(finding, name, t);
        const state = finding.status === "passed" ? "done" : "not_tried";
        const why = finding.diagnosis === "" ? "" : `<br><span class="quiet">${escapeHtml(finding.diagnosis)}</span>`;
        return `<p class="check"><span class="${state}">${STATE_MARKS[state]}</span> <code>${
          escapeHtml(finding.id)
        }</code> ${escapeHtml(name)}${why}</p>`;
      }),
    ]),
  ];
  return await pageOf({ language: t.language, title: `${tool}: ${target}`, style: STYLE, body: body.join("\n") });
}

function row(one: Graded, at: number, t: Translate): string {
  const { submission, tasks, bonuses, points } = one;
  const cells = TASKS.map((task) => `<td>${mark(tasks[task], t)}</td>`).join("");
  const earned = bonuses.map((bonus) => escapeHtml(t(`class.bonus.${bonus}`))).join(", ");
  return [
    `<tr class="${classesOf(one)}"><td><a href="#s${at}">${escapeHtml(submission.student.name)}</a></td>`,
    `<td class="points">${pointsText(points, t)}${change(one, t)}</td>${cells}<td>${earned}</td>`,
    `<td class="remarks">${escapeHtml(remarks(one, t).join("; "))}</td></tr>`,
  ].join("");
}

function section(one: Graded, at: number, { t, most }: { readonly t: Translate; readonly most: number }): string {
  const { submission: { name, student }, examined, points, tasks } = one;
  const who = [name, student.email, student.id].filter((text) => text !== "" && text !== student.name).map(escapeHtml);
  const noted = [...examined.flatMap(({ report }) => report?.notes ?? []), ...remarks(one, t)];
  return [
    `<section id="s${at}" class="${classesOf(one)}"><h2>${escapeHtml(student.name)}</h2>`,
    `<p><strong>${pointsText(points, t)}</strong> ${escapeHtml(t("class.of", { points: most }))}${change(one, t)}`,
    who.length === 0 ? "</p>" : ` <span class="quiet">${who.join(" · ")}</span></p>`,
    ...noted.map((note) => `<p>${escapeHtml(note)}</p>`),
    ...TASKS.map((task) => {
      const findings = examined.flatMap(({ side, report }) =>
        (report?.checks ?? []).filter((check) => check.task === task && check.status === "failed").map((finding) => ({
          side,
          finding,
        }))
      );
      return `<h3>${escapeHtml(t("check.task", { task }))}: ${mark(tasks[task], t)} ${
        escapeHtml(t(`class.state.${tasks[task] ?? "not_tried"}`))
      }</h3>${findings.map(({ side, finding }) => findingBox(finding, t(`class.side.${side}`), t)).join("")}`;
    }),
    `<p class="back"><a href="#">${escapeHtml(t("class.back"))}</a></p></section>`,
  ].join("\n");
}

function findingBox(
  { id, sent, received, diagnosis, page, try: attempt = "" }: Finding,
  side: string,
  t: Translate,
): string {
  const told = [[t("check.sent"), sent], [t("check.received"), received], [t("check.try"), attempt], [
    t("check.see"),
    `echo-client docs ${pageName(page)}`,
  ]] as const;
  const rows = told.filter(([, text]) => text !== "").map(([name, text]) =>
    `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`
  );
  return `<div class="finding"><code>${escapeHtml(id)}</code> <span class="quiet">${escapeHtml(side)}</span><br>${
    escapeHtml(diagnosis)
  }<dl>${rows.join("")}</dl></div>`;
}

function mark(state: TaskState = "not_tried", t: Translate): string {
  return `<span class="${state}" role="img" aria-label="${escapeHtml(t(`class.state.${state}`))}">${
    STATE_MARKS[state]
  }</span>`;
}

/** What the filters go by. */
function classesOf({ tasks, examined, before, points }: Graded): string {
  const isDone = TASKS.every((task) => tasks[task] === "done");
  const isExamined = examined.length > 0 && examined.every(({ problem }) => problem === undefined);
  const isSame = before === undefined || before.points === points;
  return [isDone ? "is-done" : "", isExamined ? "is-examined" : "", isSame ? "is-same" : ""].filter(Boolean).join(" ");
}

function change({ before, points }: Graded, t: Translate): string {
  if (before === undefined || before.points === points) return "";
  const difference = points - before.points;
  const text = `${difference > 0 ? "+" : "−"}${pointsText(Math.abs(difference), t)}`;
  return ` <span class="${difference > 0 ? "done" : "not_done"}">(${text})</span>`;
}

function say(t: Translate, key: string): string {
  return escapeHtml(t.find(key) ?? key);
}
