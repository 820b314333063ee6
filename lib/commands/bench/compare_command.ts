/**
 * `echo-client compare A.json B.json`.
 *
 * @module
 */
import { type Compared, compareResults, differingSettings, NOTICEABLE, parseResults, type Spread } from "./compare.ts";
import type { BenchResult } from "./result.ts";
import { ConfigError } from "../../base/errors.ts";
import { fileError } from "../../base/system_errors.ts";
import { percentText, ratioText, timeText } from "../../cli/format.ts";
import type { COMPARE_OPTIONS } from "./options.ts";
import { rateOf } from "./report.ts";
import type { Translate } from "./texts.ts";
import type { CommandLine } from "../../cli/options.ts";
import { print } from "../../cli/output.ts";

/** Runs the command; resolves to the exit code. */
export async function compare(line: CommandLine<typeof COMPARE_OPTIONS>, t: Translate): Promise<number> {
  const [a = "", b = ""] = line.positionals;
  const [ofA, ofB] = [await readResults(a), await readResults(b)];
  const [firstA, firstB] = [ofA[0], ofB[0]];
  if (firstA === undefined || firstB === undefined) throw new Error("unreachable: parsed results are not empty");
  const compared = compareResults(ofA, ofB);
  const differing = differingSettings(firstA, firstB);
  if (line.values.json) {
    return print(JSON.stringify({ a, b, runs_a: ofA.length, runs_b: ofB.length, differing, figures: compared }));
  }
  const hint = Math.min(ofA.length, ofB.length) === 1 ? [t("compare.one_run")] : [];
  return print([
    t("compare.title", { a, b, runs_a: ofA.length, runs_b: ofB.length }),
    ...differing.length === 0 ? [] : [t("compare.differ", { names: differing.join(", ") })],
    "",
    ...table(compared, firstA, t),
    "",
    verdictOf(compared, t),
    ...hint,
  ].join("\n"));
}

async function readResults(path: string): Promise<BenchResult[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw fileError(error, "read", path);
  }
  try {
    return parseResults(text);
  } catch (error) {
    throw new ConfigError("bad_store", `Cannot use ${path}: it holds no results of echo-client bench --json`, {
      details: { path, problem: "results" },
      cause: error,
    });
  }
}

function table(compared: readonly Compared[], { settings }: BenchResult, t: Translate): string[] {
  const shown = (figure: string, value: number): string =>
    figure === "rate" ? rateOf(value, settings.mode, t) : timeText(value);
  const spread = (figure: string, { median, least, most }: Spread): string =>
    least === most
      ? shown(figure, median)
      : `${shown(figure, median)} (${shown(figure, least)} – ${shown(figure, most)})`;
  const rows = [
    ["", "A", "B", t("compare.head.ratio"), ""],
    ...compared.map(({ figure, a, b, ratio, verdict }) => [
      figure === "rate" ? t("compare.figure.rate") : figure,
      spread(figure, a),
      spread(figure, b),
      ratioText(ratio),
      t(`compare.${verdict}`),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd());
}

function verdictOf(compared: readonly Compared[], t: Translate): string {
  const of = (verdict: Compared["verdict"]): string =>
    compared.filter((one) => one.verdict === verdict)
      .map(({ figure, ratio }) => `${figure === "rate" ? t("compare.figure.rate") : figure} ${ratioText(ratio)}`).join(
        ", ",
      );
  const [better, worse] = [of("better"), of("worse")];
  if (better === "" && worse === "") return t("compare.verdict.same", { noticeable: percentText(NOTICEABLE) });
  if (worse === "") return t("compare.verdict.better", { figures: better });
  return better === "" ? t("compare.verdict.worse", { figures: worse }) : t("compare.verdict.mixed", { better, worse });
}
