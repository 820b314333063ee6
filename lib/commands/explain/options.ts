/**
 * The options of `echo-client explain`.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { GENERAL_OPTIONS, JSON_OUTPUT, QUIET, sizeText } from "../../cli/common_options.ts";
import { flag } from "../../cli/options.ts";
import { parsePath, parsePositive, parseSize, parseTarget } from "../../cli/values.ts";
import { FRAMING_OR_AUTO } from "../capture/options.ts";
import { FAULT_OPTIONS } from "../faults/options.ts";
import { ADDRESS_OPTIONS, CONNECTION_OPTIONS } from "../connection/options.ts";

/** Largest payload it takes for one (`--max-frame`): four bytes of text, read as a length, are 16 times that. */
const MAX_FRAME = 16 * 1024 * 1024;

/** Payload bytes of a frame that are shown (`--max-payload-shown`): some lines of text, four rows of digits. */
const PAYLOAD_SHOWN = 64;

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Table of the command line, in the order of the help text. */
export const EXPLAIN_OPTIONS = {
  listen: { name: "listen", short: "l", placeholder: "[HOST:]PORT", fallback: "127.0.0.1:9091", parse: parseListen },
  framing: FRAMING_OR_AUTO,
  maxFrame: { name: "max-frame", placeholder: "SIZE", fallback: sizeText(MAX_FRAME), parse: parseSize },
  udp: flag("udp"),
  count: { name: "count", short: "c", placeholder: "N", parse: parsePositive },
  maxPayloadShown: {
    name: "max-payload-shown",
    placeholder: "SIZE",
    fallback: sizeText(PAYLOAD_SHOWN),
    parse: parseSize,
  },
  showSecrets: flag("show-secrets"),
  ...FAULT_OPTIONS,
  html: { name: "html", placeholder: "FILE", parse: parsePath },
  pcap: { name: "pcap", placeholder: "FILE", parse: parsePath },
  record: { name: "record", placeholder: "FILE", parse: parsePath },
  read: { name: "read", short: "r", placeholder: "FILE", parse: parsePath },
  keylog: { name: "keylog", placeholder: "FILE", parse: parsePath },
  tlsCert: { name: "tls-cert", placeholder: "FILE", parse: parsePath },
  tlsKey: { name: "tls-key", placeholder: "FILE", parse: parsePath },
  tls: CONNECTION_OPTIONS.tls,
  ca: CONNECTION_OPTIONS.ca,
  tlsName: CONNECTION_OPTIONS.tlsName,
  ...ADDRESS_OPTIONS,
  timeout: CONNECTION_OPTIONS.timeout,
  json: JSON_OUTPUT,
  quiet: QUIET,
  ...GENERAL_OPTIONS,
} as const;

/** `9091`, `:9091`, `0.0.0.0:9091`. */
function parseListen(text: string): ListenAddress {
  if (/^\s*\d+\s*$/.test(text)) text = `:${text.trim()}`;
  const { host = "127.0.0.1", port } = parseTarget(text);
  return port === undefined ? refuse("listen", text) : { host, port };
}

function refuse(reason: "listen", value: string): never {
  throw new UsageError("bad_value", `Cannot use the value "${value}": it is no ${reason}`, {
    details: { value, reason },
  });
}
