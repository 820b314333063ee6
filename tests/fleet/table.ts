/**
 * What a fleet has gone through, as a table in Markdown.
 *
 * @module
 */
import type { Blow, Damage } from "./fleet.ts";

/** The languages of the pages. */
export type PageLanguage = "en" | "ru";

/** What happens to each part. */
export const TOLD: Readonly<Record<PageLanguage, Readonly<Record<Blow, string>>>> = {
  en: {
    server: "kill -9 of a server, not restarted",
    balancer: "kill -9 of HAProxy, restarted at once",
    database: "kill -9 of PostgreSQL, restarted at once",
    promotion: "kill -9 of PostgreSQL, standby promoted",
  },
  ru: {
    server: "kill -9 сервера, без перезапуска",
    balancer: "kill -9 HAProxy, сразу перезапущен",
    database: "kill -9 PostgreSQL, сразу перезапущен",
    promotion: "kill -9 PostgreSQL, резервный сервер стал основным",
  },
};

const HEADINGS: Readonly<Record<PageLanguage, readonly string[]>> = {
  en: [
    ...["what happened", "registrations acknowledged", "of them lost", "written, not acknowledged"],
    ...[
      "sessions through that part: ended",
      "other sessions: ended",
      "part back after",
      "longest time without a log-in",
    ],
  ],
  ru: [
    ...["что произошло", "регистраций подтверждено", "из них потеряно", "записано, не подтверждено"],
    ...[
      "сессии через эту часть: прервано",
      "прочие сессии: прервано",
      "часть вернулась через",
      "дольше всего без входов",
    ],
  ],
};

/** One row a blow. */
export function damageTable(damages: readonly Damage[], language: PageLanguage = "en"): string {
  const of = language === "en" ? "of" : "из";
  return markdown(
    HEADINGS[language],
    damages.map((damage) => [
      TOLD[language][damage.blow],
      String(damage.acknowledged),
      String(damage.lost),
      String(damage.unacknowledged),
      damage.struck === 0 ? "-" : `${damage.struckEnded} ${of} ${damage.struck}`,
      damage.others === 0 ? "-" : `${damage.othersEnded} ${of} ${damage.others}`,
      damage.blow === "server" ? "-" : seconds(damage.downMs, language),
      seconds(damage.gapMs, language),
    ]),
  );
}

/** `2.3 s`, `2,3 с`. */
export function seconds(ms: number, language: PageLanguage): string {
  return `${decimal(ms / 1000, { digits: 1, language })} ${language === "en" ? "s" : "с"}`;
}

/** A number as the language writes it. */
export function decimal(value: number, { digits = 0, language }: { digits?: number; language: PageLanguage }): string {
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .replaceAll("\u{a0}", " ");
}

/** A table. */
export function markdown(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
