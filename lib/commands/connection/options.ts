/**
 * Options of the commands that connect to a server.
 *
 * @module
 */
import { parseIp } from "../../base/address.ts";
import { UsageError } from "../../base/errors.ts";
import type { SourceAddress } from "../../net/dial.ts";
import { CLIENT_TIMEOUT, MAX_FRAME } from "../../base/limits.ts";
import { durationText, FRAMING, sizeText } from "../../cli/common_options.ts";
import { choice, flag } from "../../cli/options.ts";
import {
  parseHost,
  parseName,
  parsePath,
  parseRemotePort,
  parseSize,
  parseTarget,
  parseTimeout,
} from "../../cli/values.ts";

/** Where a server is. */
export const ADDRESS_OPTIONS = {
  host: { name: "host", placeholder: "HOST", fallback: "127.0.0.1", parse: parseHost },
  port: { name: "port", short: "p", placeholder: "N", fallback: "9090", parse: parseRemotePort },
} as const;

/** How to reach it, and how messages pass. */
export const CONNECTION_OPTIONS = {
  ...ADDRESS_OPTIONS,
  framing: FRAMING,
  maxFrame: { name: "max-frame", placeholder: "SIZE", fallback: sizeText(MAX_FRAME), parse: parseSize },
  ipv4: flag("ipv4", "4"),
  ipv6: flag("ipv6", "6"),
  source: { name: "source", placeholder: "ADDR[:PORT]", parse: parseSource },
  sendProxy: choice("send-proxy", ["v1", "v2"]),
  proxySource: { name: "proxy-src", placeholder: "ADDR[:PORT]", parse: parseSource },
  timeout: { name: "timeout", placeholder: "TIME", fallback: durationText(CLIENT_TIMEOUT), parse: parseTimeout },
  tls: flag("tls"),
  ca: { name: "ca", placeholder: "FILE", parse: parsePath },
  clientCert: { name: "client-cert", placeholder: "FILE", parse: parsePath },
  clientKey: { name: "client-key", placeholder: "FILE", parse: parsePath },
  tlsName: { name: "tls-name", placeholder: "NAME", parse: parseHost },
} as const;

/** An address of this machine, with or without a port. */
function parseSource(text: string): SourceAddress {
  const { host, port } = parseTarget(text);
  if (host !== undefined && parseIp(host) !== undefined) {
    return { hostname: host, ...port === undefined ? {} : { port } };
  }
  throw new UsageError("bad_value", `Cannot use the value "${text}": it is no address`, {
    details: { value: text, reason: "source" },
  });
}

/** Who the user is. */
export const LOGIN_OPTIONS = {
  mode: choice("mode", ["echo", "identify", "auth"]),
  user: { name: "user", short: "u", placeholder: "NAME", parse: parseName },
  passwordFile: { name: "password-file", placeholder: "FILE", parse: parsePath },
  passwordStdin: flag("password-stdin"),
  allowInsecure: flag("allow-insecure"),
  allowDowngrade: flag("allow-downgrade"),
} as const;
