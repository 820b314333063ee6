import { GENERAL_OPTIONS, JSON_OUTPUT } from "../../cli/common_options.ts";
import { flag } from "../../cli/options.ts";
import { FRAMING_OR_AUTO } from "../capture/options.ts";
import { ADDRESS_OPTIONS, CONNECTION_OPTIONS } from "../connection/options.ts";

/** Options of `replay`, in the order of the help text. */
export const REPLAY_OPTIONS = {
  fast: flag("fast"),
  framing: { ...FRAMING_OR_AUTO, fallback: "auto" },
  ...ADDRESS_OPTIONS,
  ipv4: CONNECTION_OPTIONS.ipv4,
  ipv6: CONNECTION_OPTIONS.ipv6,
  timeout: CONNECTION_OPTIONS.timeout,
  json: JSON_OUTPUT,
  ...GENERAL_OPTIONS,
} as const;
