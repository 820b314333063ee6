import { FRAMING, GENERAL_OPTIONS, JSON_OUTPUT } from "../../cli/common_options.ts";
import { flag } from "../../cli/options.ts";
import { parsePath, parseTimeout } from "../../cli/values.ts";
import { ADDRESS_OPTIONS, CONNECTION_OPTIONS } from "../connection/options.ts";

/** Options of `probe`, in the order of the help text. */
export const PROBE_OPTIONS = {
  quick: flag("quick"),
  idleMax: { name: "idle-max", placeholder: "TIME", fallback: "30s", parse: parseTimeout },
  framing: FRAMING,
  maxFrame: CONNECTION_OPTIONS.maxFrame,
  ...ADDRESS_OPTIONS,
  ipv4: CONNECTION_OPTIONS.ipv4,
  ipv6: CONNECTION_OPTIONS.ipv6,
  sendProxy: CONNECTION_OPTIONS.sendProxy,
  proxySource: CONNECTION_OPTIONS.proxySource,
  tls: CONNECTION_OPTIONS.tls,
  ca: CONNECTION_OPTIONS.ca,
  tlsName: CONNECTION_OPTIONS.tlsName,
  clientCert: CONNECTION_OPTIONS.clientCert,
  clientKey: CONNECTION_OPTIONS.clientKey,
  timeout: { ...CONNECTION_OPTIONS.timeout, fallback: "3s" },
  html: { name: "html", placeholder: "FILE", parse: parsePath },
  json: JSON_OUTPUT,
  ...GENERAL_OPTIONS,
} as const;
