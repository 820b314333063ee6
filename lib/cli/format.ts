/**
 * Figures for people: three digits that matter, always with a unit, in their language. Groups of digits are set apart by a
 * space, which reads the same in every language.
 *
 * @module
 */
import type { Language } from "./texts.ts";

/** Units, and the decimal mark, of a language. */
interface Spelling {
  readonly mark: string;
  /** µs, ms, s, min, h, d. */
  readonly times: readonly [string, string, string, string, string, string];
  readonly bytes: readonly string[];
}

const SPELLINGS: Readonly<Record<Language, Spelling>> = {
  en: { mark: ".", times: ["µs", "ms", "s", "min", "h", "d"], bytes: ["B", "KiB", "MiB", "GiB", "TiB"] },
  ru: { mark: ",", times: ["мкс", "мс", "с", "мин", "ч", "д"], bytes: ["Б", "КиБ", "МиБ", "ГиБ", "ТиБ"] },
};

/** What was not measured. */
const NOTHING = "–";

/**
 * Figures in a language.
 *
 * @example
 * ```ts
 * import { figuresIn } from "./format.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [en, ru] = [figuresIn("en"), figuresIn("ru")];
 * assertEquals([12.34, 987.6, 5000, null].map((us) => en.time(us)), ["12.3 µs", "988 µs", "5.00 ms", "–"]);
 * assertEquals([ru.time(5000), ru.bytes(1536), ru.duration(90_000)], ["5,00 мс", "1,50 КиБ", "90 с"]);
 * ```
 */
export function figuresIn(language: Language): Figures {
  return new Figures(SPELLINGS[language]);
}

export class Figures {
  readonly #spelling: Spelling;

  constructor(spelling: Spelling) {
    this.#spelling = spelling;
  }

  /** A time in µs. */
  time(us: number | null): string {
    if (us === null) return NOTHING;
    const [micro, milli, second] = this.#spelling.times;
    // What rounds up to 1000 of a unit is 1 of the next.
    if (us < 999.5) return `${this.digits(us)} ${micro}`;
    return us < 999_500 ? `${this.digits(us / 1000)} ${milli}` : `${this.digits(us / 1e6)} ${second}`;
  }

  /** A time in ms that somebody chose: in the largest unit that holds it without a fraction. */
  duration(ms: number): string {
    const [, milli, second, minute, hour, day] = this.#spelling.times;
    const units = [[day, 86_400_000], [hour, 3_600_000], [minute, 60_000], [second, 1000], [milli, 1]] as const;
    const [unit, factor] = units.find(([, factor]) => ms >= factor && ms % factor === 0) ?? [milli, 1];
    return `${this.#marked(String(Number((ms / factor).toFixed(3))))} ${unit}`;
  }

  /** A whole number, in groups of three digits. */
  count(count: number): string {
    return countText(count);
  }

  /** So many a second, without a unit: whole from 100 up. */
  rate(rate: number | null): string {
    if (rate === null) return NOTHING;
    return rate < 99.5 ? this.digits(rate) : countText(rate);
  }

  /** Bytes, in the unit that leaves one to four digits before the point. */
  bytes(bytes: number | null): string {
    if (bytes === null) return NOTHING;
    const { bytes: units } = this.#spelling;
    let unit = 0;
    for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
    return `${unit === 0 || Number.isInteger(bytes) ? countText(bytes) : this.digits(bytes)} ${units[unit]}`;
  }

  /** A share of 1, in percent. */
  percent(share: number | null): string {
    if (share === null) return NOTHING;
    const percent = share * 100;
    if (percent > 0 && percent < 0.05) return `<${this.#marked("0.1")} %`;
    return `${percent >= 99.5 || percent === 0 ? Math.round(percent) : this.digits(percent, 2)} %`;
  }

  /** A ratio: `1.25 ×`, `0.0016 ×`. */
  ratio(ratio: number): string {
    const behind = ratio > 0 && ratio < 0.1 ? 1 - Math.floor(Math.log10(ratio)) : undefined;
    return `${behind === undefined ? this.digits(ratio) : this.fixed(ratio, Math.min(behind, 12))} ×`;
  }

  /** A number with so many digits that matter, but none before the mark left out. */
  digits(value: number, count = 3): string {
    const before = Math.max(1, Math.floor(Math.log10(Math.max(Math.abs(value), 1e-9))) + 1);
    return this.#marked(value.toFixed(Math.max(0, count - before)));
  }

  /** A number with so many digits behind the mark. */
  fixed(value: number, behind: number): string {
    return this.#marked(value.toFixed(behind));
  }

  #marked(number: string): string {
    return number.replace(".", this.#spelling.mark);
  }
}

/** A whole number, in groups of three digits, in any language. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, " ");
}

/** A field of comma-separated values, quoted where it has to be (RFC 4180). */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A round number without the zeros that a measured one would have: `5 ms` instead of `5.00 ms`. */
export function roundText(text: string): string {
  return text.replace(/[.,]0+(?=\D|$)|(?<=[.,]\d*[1-9])0+(?=\D|$)/, "");
}
