/**
 * `echo-client probe`: what is on the path to an echo server, in sentences.
 *
 * @module
 */
import { VERSION } from "../../cli/version.ts";
import { escapeHtml } from "../../base/html.ts";
import { checkOutputFile } from "../../base/output_check.ts";
import { writeOutputFile } from "../../base/output_file.ts";
import { UsageError } from "../../base/errors.ts";
import { escapeJson } from "../../base/text.ts";
import { targetText } from "../../net/dial.ts";
import type { Invocation } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { bold, hasColours, print, printError, printText } from "../../cli/output.ts";
import { detailsJson, pageOf, wholeWordsHtml } from "../../cli/page.ts";
import { targetOf, tlsTrust, wayTo } from "../connection/config.ts";
import { checkBoundaries, checkBytes, checkLargest } from "./content.ts";
import { checkBrokenTls, checkHalfClose, checkPlain, checkTls } from "./ends.ts";
import { type Checked, type Fact, factText, finding, note } from "./facts.ts";
import { checkIdle } from "./idle.ts";
import type { PROBE_OPTIONS } from "./options.ts";
import { checkAddresses, checkAnswer } from "./reach.ts";
import type { Kind } from "./payloads.ts";
import type { ProbeOptions } from "./probe_connection.ts";
import type { ProbeKey, Translate } from "./texts.ts";

/**
 * Probes; resolves to 10 where the path does something to bytes or connections.
 *
 * @throws {NetworkError} where there is no connection.
 * @throws {StorageError} `cannot_write`, where the page cannot be.
 */
export async function probe({ line, texts }: Invocation<typeof PROBE_OPTIONS, ProbeKey>): Promise<number> {
  const { values } = line;
  const target = targetOf(line);
  if (target.transport === "unix") {
    throw new UsageError("bad_value", "Cannot probe a Unix socket", {
      details: { option: "HOST", value: targetText(target), reason: "probe_unix" },
    });
  }
  if (values.html !== undefined) checkOutputFile(values.html);
  const t = await texts();
  const options: ProbeOptions = {
    ...{ target, framing: values.framing, maxFrame: values.maxFrame, timeout: values.timeout },
    ...wayTo({ ...values, source: undefined }, target),
    tls: tlsTrust(values, target),
    idleMax: values.quick ? 0 : values.idleMax,
  };
  if (options.idleMax > 0 && Deno.stderr.isTerminal()) printError(t("probe.waiting", { s: options.idleMax / 1000 }));
  const checked = await checks(options);
  const facts = checked.flatMap((one) => one.facts);
  const findings = facts.filter(({ isFinding }) => isFinding);
  const result = {
    ...{ target: targetText(target), time: new Date().toISOString(), version: VERSION },
    ...{ framing: values.framing.name, findings: findings.map((fact) => told(fact, t)) },
    notes: facts.filter(({ isFinding }) => !isFinding).map((fact) => told(fact, t)),
    checks: Object.assign({}, ...checked.map(({ data }) => data)),
  };
  if (values.html !== undefined) writeOutputFile(values.html, await page(facts, result, t));
  if (values.json) print(escapeJson(JSON.stringify(result)));
  else printFacts(facts, targetText(target), { t, colour: hasColours(values.color) });
  return findings.length > 0 ? EXIT.threshold : EXIT.ok;
}

/**
 * Every check; what one cannot do because the connection is refused the next tells.
 *
 * @throws what `dial` throws, where there is no connection.
 */
export async function checks(options: ProbeOptions): Promise<Checked[]> {
  const answer = await checkAnswer(options).catch((error) => checkBrokenTls(error, options));
  const addresses = await checkAddresses(options);
  if (!answer.isAlive) {
    if (options.tls !== undefined) return [answer, await checkPlain(options), addresses, URGENT];
    const tls = await checkTls(options);
    const isTls = tls.facts.some(({ id }) => id === "tls");
    const told = isTls ? [{ ...answer, facts: [finding("tls_only")] }, { ...tls, facts: [] }] : [answer, tls];
    return [...told, addresses, URGENT];
  }
  const known = { ...options, bannerBytes: answer.bannerBytes ?? 0 };
  // Silence takes long, and disturbs nobody.
  const [rest, idle] = await Promise.all([inTurn(known), checkIdle(known)]);
  return [answer, addresses, ...rest, idle, URGENT];
}

async function inTurn(options: ProbeOptions): Promise<Checked[]> {
  const checked: Checked[] = [await checkBytes(options)];
  // Frames of these checks are made of digits, headers of large ones have control characters, too: where these are
  // changed, the same would be told again as something else.
  const isChanged = (kind: Kind): boolean => checked[0]?.facts.some(({ values }) => values["kind"] === kind) ?? false;
  if (isChanged("digits")) checked.push({ facts: [note("not_tried")], data: {} });
  else {
    checked.push(await checkBoundaries(options));
    checked.push(
      isChanged("controls") ? { facts: [note("sizes_not_tried")], data: {} } : await checkLargest(options),
      await checkHalfClose(options),
    );
  }
  return [...checked, await (options.tls === undefined ? checkTls(options) : checkPlain(options))];
}

/** Deno has no call that sends with MSG_OOB. */
const URGENT: Checked = { facts: [note("urgent_unknown")], data: { urgent: null } };

function told(fact: Fact, t: Translate): Readonly<Record<string, unknown>> {
  return { id: fact.id, ...fact.values, text: factText(fact, t) };
}

function verdictOf(facts: readonly Fact[], target: string, t: Translate): string {
  const n = facts.filter(({ isFinding }) => isFinding).length;
  return n === 0 ? t("probe.verdict.clean", { target }) : t("probe.verdict.findings", { target, n });
}

function printFacts(
  facts: readonly Fact[],
  target: string,
  { t, colour }: { readonly t: Translate; readonly colour: boolean },
): void {
  printText(bold(verdictOf(facts, target, t), colour));
  for (const fact of facts.toSorted((a, b) => Number(b.isFinding) - Number(a.isFinding))) {
    printText(`${fact.isFinding ? "!" : "·"} ${factText(fact, t)}`);
  }
}

async function page(
  facts: readonly Fact[],
  result: { readonly target: string; readonly time: string },
  t: Translate,
): Promise<string> {
  const title = t("probe.title", { target: result.target });
  const list = (some: readonly Fact[], kind: string): string =>
    some.length === 0
      ? ""
      : `<ul class="${kind}">${some.map((fact) => `<li>${wholeWordsHtml(factText(fact, t))}</li>`).join("\n")}</ul>`;
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="about">${escapeHtml(`${result.time} · echo-client ${VERSION}`)}</p>`,
    `<p class="verdict">${escapeHtml(verdictOf(facts, result.target, t))}</p>`,
    list(facts.filter(({ isFinding }) => isFinding), "findings"),
    list(facts.filter(({ isFinding }) => !isFinding), "notes"),
    detailsJson(result),
  ];
  return await pageOf({ language: t.language, title, style: STYLE, body: body.filter(Boolean).join("\n") });
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1f23; --page: #fff; --soft: #f1f3f5; --bad: #c92a2a; --line: #b6bcc4 }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --page: #16181b; --soft: #22262b; --bad: #ff8787; --line: #555c64 } }
body { background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 0 }
main { max-width: 48rem; margin: 0 auto; padding: 1.5rem 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem } .about { opacity: .75 } .verdict { font-weight: bold; font-size: 1.1rem }
ul { padding: 0; list-style: none } li { padding: .5rem .75rem; margin: .4rem 0; background: var(--soft); border-left: 4px solid var(--line) }
.findings li { border-color: var(--bad) } pre { background: var(--soft); padding: .75rem; overflow-x: auto; font-size: .85rem }
@media print { details { display: none } li { break-inside: avoid; border: 1px solid var(--line); border-left-width: 4px } }
`;
