import { GENERAL_OPTIONS, JSON_OUTPUT, QUIET } from "../../cli/common_options.ts";
import { parseTimeout } from "../../cli/values.ts";
import { ADDRESS_OPTIONS } from "../connection/options.ts";

export const WAIT_OPTIONS = {
  timeout: { name: "timeout", placeholder: "TIME", fallback: "30s", parse: parseTimeout },
  json: JSON_OUTPUT,
  quiet: QUIET,
  ...ADDRESS_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;
