// deno-lint-ignore-file no-import-prefix -- locked in tests/deno.lock, and in no binary
/**
 * Ajv, which only tests need.
 *
 * @module
 */
import { Ajv2020 } from "npm:ajv@8.17.1/dist/2020.js";
import addFormats from "npm:ajv-formats@3.0.1";
import { inRepository } from "./repository.ts";

/** What is wrong with a value by the schema `docs/schemas/NAME.json`; nothing where all is right. */
export function schemaFaults(name: string, value: unknown): string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(Deno.readTextFileSync(inRepository(`docs/schemas/${name}.json`))));
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
