/**
 * The options of commands that have faults.
 *
 * @module
 */
import { parsePath, parseText } from "../../cli/values.ts";
import { parseFault, seedOf } from "./settings.ts";

/** Of what passes through a command. */
export const FAULT_OPTIONS = {
  fault: { name: "fault", placeholder: "SPEC", repeatable: true, parse: parseFault },
  faults: { name: "faults", placeholder: "FILE", parse: parsePath },
  scenario: { name: "scenario", placeholder: "NAME", parse: parseText },
  seed: { name: "seed", placeholder: "N", parse: seedOf },
} as const;
