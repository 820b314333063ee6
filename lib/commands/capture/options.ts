import { FRAMING } from "../../cli/common_options.ts";
import { parseFraming } from "../../cli/values.ts";
import type { Framing } from "../../framing/framing.ts";

/** How messages are told apart, or that this is to be found out. */
export const FRAMING_OR_AUTO = {
  ...FRAMING,
  choices: [...FRAMING.choices, "auto"],
  parse: parseFramingOrAuto,
} as const;

function parseFramingOrAuto(text: string): Framing | "auto" {
  return text.trim() === "auto" ? "auto" : parseFraming(text);
}
