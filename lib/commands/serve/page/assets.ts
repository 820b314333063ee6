/**
 * The screen's style sheet and its script: what is sent as it stands, without a build step.
 *
 * @module
 */

/**
 * Replaces the panels that have changed, as the server sends them. Without it the page shows the moment at which it was
 * loaded. While something in a panel is selected, that panel stays, so that it can be copied.
 */
export const SCRIPT = `"use strict";
const main = document.querySelector("main");
const pause = document.getElementById("pause");
const lost = document.getElementById("lost");
let isPaused = false;
let source;
function holdsSelection(panel) {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && panel.contains(selection.anchorNode);
}
function show(event) {
  lost.hidden = true;
  if (isPaused) return;
  for (const [id, html] of Object.entries(JSON.parse(event.data))) {
    const panel = document.getElementById(id);
    if (panel !== null && !holdsSelection(panel)) panel.innerHTML = html;
  }
}
function connect() {
  source = new EventSource("events" + location.search);
  source.onmessage = show;
  source.onerror = () => {
    lost.hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
  };
}
pause.hidden = false;
pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.textContent = isPaused ? pause.dataset.resume : pause.dataset.pause;
  if (isPaused) source.close();
  else connect();
});
connect();
`;

/** For a wall, a desk and a telephone; light and dark; on paper. */
export const STYLE = `
:root { color-scheme: light dark; --page: light-dark(#fff, #14171a); --ink: light-dark(#1c1f23, #e8eaec); --soft: light-dark(#f1f3f5, #20252a); --line: light-dark(#c5cad0, #474e56); --dim: light-dark(#545b63, #a9b1b9); --one: light-dark(#1862ab, #74b3f5); --two: light-dark(#a8430a, #ffa94d); --good: light-dark(#22702f, #7fd18f); --bad: light-dark(#b42318, #ff9a91) }
:root:has([data-theme=light]) { color-scheme: light } :root:has([data-theme=dark]) { color-scheme: dark }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: clamp(15px, .55vw + 11.5px, 24px)/1.45 system-ui, sans-serif }
main { padding: 1rem clamp(.75rem, 2vw, 2.5rem) } header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1.2rem }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere } h2 { font-size: 1.05rem; margin: 0 0 .4rem }
header p { margin: 0; color: var(--dim) } nav { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem; margin-left: auto } a { color: var(--one) }
button, input { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .3rem; padding: .15rem .8rem }
a:focus-visible, button:focus-visible, input:focus-visible, section:focus-visible { outline: 3px solid var(--one); outline-offset: 2px }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .5rem; margin: .8rem 0 } dl div { background: var(--soft); border-radius: .4rem; padding: .4rem .8rem }
dt { color: var(--dim); font-size: .85rem } dd { margin: 0; font-size: 1.9rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap }
.panels { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.2rem clamp(1rem, 3vw, 3rem) } .panels > div { display: flex; flex-direction: column; gap: 1.2rem; min-width: 0 } #clients, #tasks, #frames, #mistakes { overflow: auto; max-height: 30rem } #mistakes { max-height: 14rem } #frames { margin-top: 1.2rem }
.chart { margin-top: .9rem; display: grid; grid-template-columns: max-content 1fr; gap: .2rem .6rem } .ticks { margin: -.5em 0; display: flex; flex-direction: column; justify-content: space-between; text-align: right; font-size: .8rem; line-height: 1; min-width: 4.2rem; font-variant-numeric: tabular-nums; color: var(--dim) } .chart svg { width: 100%; height: 9rem; overflow: visible }
.below { grid-column: 2; display: flex; justify-content: space-between; font-size: .8rem; color: var(--dim) } .rule { stroke: var(--line); stroke-width: 1 } .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round } .rule, .line { vector-effect: non-scaling-stroke } .line0 { stroke: var(--one) } .line1 { stroke: var(--two); stroke-dasharray: 7 5 }
.keys { margin: .2rem 0 0; font-size: .85rem; min-height: 1.3em } .key { margin-right: 1.5rem } .key::before { content: ""; display: inline-block; width: 1.6rem; border-top: 3px solid var(--one); vertical-align: .3em; margin-right: .5rem } .key1::before { border-top: 3px dashed var(--two) }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .18rem .8rem .18rem 0; vertical-align: top } thead th { color: var(--dim); font-weight: normal; font-size: .85rem; border-bottom: 1px solid var(--line) } tbody th { font-weight: 600 } #clients td, #clients th { white-space: nowrap } .figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } td.figure:last-child { padding-right: .2rem }
#tasks td { white-space: nowrap } small { font-weight: normal; color: var(--dim) } .yes { color: var(--good); font-weight: bold } .no { color: var(--bad); font-weight: bold } .not_yet { color: var(--dim) }
ul { list-style: none; margin: 0; padding: 0 } li { padding: .18rem 0; border-bottom: 1px solid var(--soft); overflow-wrap: anywhere } time { color: var(--dim); font-variant-numeric: tabular-nums; margin-right: .4rem } q { margin-right: .8rem; white-space: pre-wrap } code { font: .85em ui-monospace, monospace; color: var(--dim) }
.note { color: var(--dim); font-size: .85rem } .alarm { border-left: .3rem solid var(--bad); padding-left: .7rem; margin: .6rem 0 }
@media (max-width: 60rem) { .panels { grid-template-columns: minmax(0, 1fr) } .panels > div { display: contents } #clients, #mistakes { order: 1 } #tasks { order: 2 } #limits { order: 3 } nav { margin-left: 0 } dd { font-size: 1.5rem } #clients, #tasks, #frames, #mistakes { max-height: none } table { font-size: .82rem } th, td { padding-right: .5rem } small { display: block } }
@media print { :root { color-scheme: light } nav, #lost { display: none } main { padding: 0 } #clients, #tasks, #frames, #mistakes { max-height: none; overflow: visible } section { break-inside: avoid-page } dl div { border: 1px solid var(--line) } dd { font-size: 1.15rem } table, li { font-size: 11px } th, td { padding-right: .5rem } }
`;
