/**
 * From the command line of a command that connects to what the connection needs.
 *
 * @module
 */
import type { SentProxyHeader, SourceAddress, Target } from "../../net/dial.ts";
import type { Dialer } from "../../net/wire.ts";
import { Certificate } from "../../net/certificate.ts";
import { readAuthority, type TlsTrust } from "../../net/tls_client.ts";
import type { Proof } from "../../protocol/client_dialogue.ts";
import { UsageError } from "../../base/errors.ts";
import { certificateFiles } from "../../cli/certificate_files.ts";
import type { CommandLine, Values } from "../../cli/options.ts";
import { parseRemotePort, parseTarget, targetFrom } from "../../cli/values.ts";
import type { ADDRESS_OPTIONS, CONNECTION_OPTIONS, LOGIN_OPTIONS } from "./options.ts";

/** What stands behind the words of a command that connects. */
export const ADDRESS_OPERANDS = ["[HOST[:PORT]]", "[PORT]"] as const;

/** The values of the options by which a command connects. */
type ConnectionValues = Values<typeof CONNECTION_OPTIONS>;
type TlsValues =
  & Pick<ConnectionValues, "tls" | "ca" | "tlsName">
  & Partial<Pick<ConnectionValues, "clientCert" | "clientKey" | "ipv4" | "ipv6" | "sendProxy">>;
type LoginValues = Values<typeof LOGIN_OPTIONS>;

/** Values of a command that opens sessions; what a command has no option for is not wanted. */
export type SessionValues = ConnectionValues & Pick<LoginValues, "user" | "allowInsecure"> & Partial<LoginValues> & {
  /** Whether the user is new. */
  readonly register?: boolean;
  /** Where the code of an invitation is. */
  readonly invite?: string | undefined;
};

/** What a connection on which echoes can begin needs. */
export interface SessionConfig
  extends Pick<SessionValues, "framing" | "maxFrame" | "timeout" | "user" | "allowInsecure"> {
  readonly target: Target;
  /** Which addresses of its name are tried; `undefined` for all. */
  readonly family: 4 | 6 | undefined;
  /** The local address to connect from. */
  readonly source: SourceAddress | undefined;
  /** The PROXY header to begin with. */
  readonly proxy: SentProxyHeader | undefined;
  /** Who opens the connections; default: Deno. */
  readonly sockets?: Dialer | undefined;
  /** Whom to trust; `undefined` for a connection in plain text. */
  readonly tls: TlsTrust | undefined;
  /** Whether the server begins with a dialogue; `undefined` where that is to be found out. */
  readonly mode: LoginValues["mode"];
  readonly register: boolean;
  /** Whether the user has asked for a log-in: then the server has to begin with one. */
  readonly wantsLogin: boolean;
  /** What counts as a log-in: who asked for one gets one in which both sides prove themselves, or nothing. */
  readonly proof: Proof;
  /** Whether a password was given, which then is used instead of a kept session. */
  readonly hasPassword: boolean;
}

/** The part of a command line that says where a server is. */
type AddressLine = Pick<CommandLine<typeof ADDRESS_OPTIONS>, "positionals" | "source"> & {
  readonly values: Values<typeof ADDRESS_OPTIONS>;
};

/** Host and port as far as the user gave them: half an address is answer enough, the other half has its default. */
export function givenAddress(line: AddressLine): { readonly host?: string; readonly port?: number } {
  const { values, positionals: [text, second] } = line;
  const named = text === undefined ? {} : parseOperand(text, "HOST[:PORT]", parseTarget);
  if (named.port === 0) parseOperand("0", "HOST[:PORT]", parseRemotePort);
  const port = second === undefined ? named.port : parseOperand(second, "PORT", parseRemotePort);
  if (second !== undefined && named.port !== undefined) throw conflict("PORT", second, "HOST:PORT");
  for (const [key, value] of [["host", named.host], ["port", port]] as const) {
    if (value !== undefined && line.source(key) === "argument") throw conflict(`--${key}`, values[key], text ?? "");
  }
  const host = named.host ?? (text !== undefined || line.source("host") !== undefined ? values.host : undefined);
  const isPortKnown = port !== undefined || line.source("port") !== undefined || host !== undefined;
  return { ...(host === undefined ? {} : { host }), ...(isPortKnown ? { port: port ?? values.port } : {}) };
}

/**
 * The server that a command line names.
 *
 * @throws {UsageError} `bad_value`
 */
export function targetOf(line: AddressLine): Target {
  const { host = line.values.host, port = line.values.port } = givenAddress(line);
  return targetFrom(host, port);
}

/**
 * What the values of a command line say of a session with `target`.
 *
 * @throws {UsageError} `tls_usage`, `bad_value`
 * @throws {ConfigError} `bad_tls_file`
 */
export function sessionConfig(values: SessionValues, target: Target): SessionConfig {
  const { framing, maxFrame, timeout, user, allowInsecure, mode, register = false } = values;
  const tls = tlsTrust(values, target);
  const way = wayTo(values, target);
  const hasPassword = values.passwordFile !== undefined || values.passwordStdin === true;
  const wantsLogin = mode === "auth" || (mode === undefined && (user !== undefined || register || hasPassword));
  const proof = values.allowDowngrade === true ? "any" : wantsLogin ? "mutual" : "offered";
  return {
    ...{ framing, maxFrame, timeout, user, allowInsecure, mode, register },
    ...{ hasPassword, wantsLogin, proof, target, tls, ...way },
  };
}

/**
 * What `-4` and `-6` ask for.
 *
 * @throws {UsageError} `bad_value`, for both.
 */
export function familyAsked({ ipv4, ipv6 }: Pick<ConnectionValues, "ipv4" | "ipv6">): 4 | 6 | undefined {
  if (ipv4 && ipv6) throw conflict("-4", "", "-6");
  return ipv4 ? 4 : ipv6 ? 6 : undefined;
}

/**
 * Which way to take to the target, where the user says one.
 *
 * @throws {UsageError} `bad_value`
 */
export function wayTo(
  values: Pick<ConnectionValues, "ipv4" | "ipv6" | "source" | "sendProxy" | "proxySource"> & { readonly tls?: boolean },
  target: Target,
): Pick<SessionConfig, "family" | "source" | "proxy"> {
  const { source, sendProxy, proxySource, tls = false } = values;
  const asked = familyAsked(values);
  if (source !== undefined && (tls || target.transport === "unix")) {
    throw conflict("--source", source.hostname, tls ? "--tls" : "unix:");
  }
  if (sendProxy !== undefined && target.transport === "unix") throw conflict("--send-proxy", sendProxy, "unix:");
  if (proxySource !== undefined && sendProxy === undefined) {
    throw new UsageError("bad_value", "Cannot use --proxy-src without --send-proxy", {
      details: { option: "--proxy-src", value: proxySource.hostname, reason: "proxy_source", action: "combine" },
    });
  }
  const proxy = sendProxy === undefined ? undefined : { version: sendProxy, source: proxySource };
  const family = asked ?? (source && familyOf(source.hostname));
  const host = target.transport === "unix" ? "" : target.host;
  for (const end of source === undefined ? [] : [source.hostname, host]) {
    if ((familyOf(end) ?? family) === family) continue;
    throw new UsageError("bad_value", `Cannot connect from ${source?.hostname} to ${host}: not of one family`, {
      details: { option: "--source", value: end, reason: "source_family", family: family ?? "", action: "combine" },
    });
  }
  return { family, source, proxy };
}

/** Of an address, 4 or 6; a name has none. */
function familyOf(host: string): 4 | 6 | undefined {
  return host.includes(":") ? 6 : /^[\d.]+$/.test(host) ? 4 : undefined;
}

/**
 * Whom to trust when connecting to `target`; `undefined` for a connection in plain text.
 *
 * @throws {UsageError} `tls_usage`
 * @throws {ConfigError} `bad_tls_file`
 */
export function tlsTrust(values: TlsValues, target: Target): TlsTrust | undefined {
  const { tls, ca, tlsName, clientCert, clientKey } = values;
  if (!tls) {
    // Whoever names an authority must not find out later that everything went in plain text.
    const given = { "--ca": ca, "--tls-name": tlsName, "--client-cert": clientCert, "--client-key": clientKey };
    const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
    if (option !== undefined) throw tlsUsage(option, "tls_off");
    return undefined;
  }
  if (target.transport === "unix") throw tlsUsage("--tls", "tls_unix");
  return {
    ...clientIdentity(values),
    ...ca === undefined ? {} : { authority: readAuthority(ca) },
    ...tlsName === undefined ? {} : { name: tlsName },
  };
}

/** What the client shows of itself. The connection is opened by Deno then, which takes nothing but the host for that. */
function clientIdentity(values: TlsValues): Pick<TlsTrust, "identity"> {
  const { clientCert: cert, clientKey: key, tlsName, ipv4, ipv6, sendProxy } = values;
  const files = certificateFiles({ cert, key }, "client");
  if (files === undefined) return {};
  const others = { "--tls-name": tlsName, "--send-proxy": sendProxy, "-4": ipv4 || undefined, "-6": ipv6 || undefined };
  const [other] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (other !== undefined) throw conflict("--client-cert", files.cert, other);
  return { identity: new Certificate(files).current() };
}

function tlsUsage(option: string, problem: "tls_off" | "tls_unix"): UsageError {
  const why = problem === "tls_off" ? "it works with --tls only" : "Unix sockets need no TLS";
  return new UsageError("tls_usage", `Cannot use ${option}: ${why}`, { details: { option, problem } });
}

function parseOperand<T>(text: string, operand: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.code, error.message, { details: { ...error.details, option: operand } });
  }
}

export function conflict(option: string, value: string | number, other: string): UsageError {
  return new UsageError("bad_value", `Cannot use ${option}: ${other} is given, too`, {
    details: { option, value, reason: "conflict", other, action: "combine" },
  });
}
