import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../../../lib/base/errors.ts";
import { explainError, translator } from "../../../../lib/cli/texts.ts";
import { readLine } from "../../../../lib/commands/converse/repl_commands.ts";
import { TEXTS } from "../../../../lib/commands/converse/texts.ts";

/** What a person reads who has typed a line that cannot be done. */
const WRONG: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  "/repeat x y": ['invalid value "x" for /repeat: ', "недопустимое значение «x» для /repeat: "],
  "/repeat": ["incomplete command. Usage: /repeat N TEXT.", "команда неполная. Вызов: /repeat N TEXT."],
  "/framing blah": ['invalid value "blah" for /framing: ', "недопустимое значение «blah» для /framing: "],
  "/framing ": ["incomplete command. Usage: /framing NAME.", "команда неполная. Вызов: /framing NAME."],
  "/file": ["incomplete command. Usage: /file PATH.", "команда неполная. Вызов: /file PATH."],
  "/hex zz": ['invalid value "zz" for /hex: ', "недопустимое значение «zz» для /hex: "],
  "/stat": ["there is no command /stat. Did you mean /stats? ", "команды /stat нет. Возможно, имелось в виду /stats? "],
};

for (const language of ["en", "ru"] as const) {
  Deno.test(`a wrong command of the conversation is explained by its own name (${language})`, async () => {
    const t = await translator(language, TEXTS);
    for (const [line, told] of Object.entries(WRONG)) {
      const error = await assertRejects(() => readLine(line, { hex: false }), UsageError);
      const expected = told[language === "en" ? 0 : 1];
      assertEquals(explainError(error, t).slice(0, expected.length), expected);
    }
  });
}
