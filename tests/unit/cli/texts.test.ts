import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { CLIENT } from "../../../client.ts";
import { SERVER } from "../../../server.ts";
import { EXIT, exitCodeOf } from "../../../lib/cli/exit_codes.ts";
import { COMMON_TEXTS, explainError, languageFrom, type Texts, translator } from "../../../lib/cli/texts.ts";
import { addressError, connectionError } from "../../../lib/base/system_errors.ts";
import {
  ConfigError,
  LoginError,
  NetworkError,
  ProtocolError,
  StorageError,
  TimeoutError,
  UsageError,
} from "../../../lib/base/errors.ts";

const placeholders = (text = ""): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

/** The texts of all commands, with those of the kits that they share, each under the name of the first that has them. */
const CATALOGUES = new Map<Texts<never>, string>([[COMMON_TEXTS, "all"]]);
for (const { tool, commands } of [SERVER, CLIENT]) {
  for (const { name, texts } of commands) if (!CATALOGUES.has(texts)) CATALOGUES.set(texts, `${tool} ${name}`.trim());
}

Deno.test("explainError() does not blame a framing where nothing was sent, nor a network where a path is too long", async () => {
  const t = await translator("en", COMMON_TEXTS);
  const lost = (pending: number): string =>
    explainError(new NetworkError("closed_by_peer", "", { details: { pending, speaks: "nothing" } }), t);
  assertMatch(lost(0), /Nothing had been sent/);
  assertNotMatch(lost(0), /framing/);
  assertMatch(lost(1), /framing/);
  const tooLong = addressError(new Error("path must be shorter than SUN_LEN"), "connect to", "unix:/x");
  assertNotMatch(explainError(tooLong, t), /link-local/);
  const nowhere = addressError(new Error("Invalid argument (os error 22)"), "connect to", "192.0.2.1:9090");
  assertMatch(explainError(nowhere, t), /^Cannot connect to 192\.0\.2\.1:9090: invalid argument\. .*blackhole route/);
});

for (const [texts, name] of CATALOGUES) {
  Deno.test(`The English and the Russian texts of ${name} have the same keys and values, and say something`, async () => {
    const [en, ru]: readonly Record<string, string>[] = [await texts.en(), await texts.ru()];
    assertEquals(Object.keys(ru ?? {}).sort(), Object.keys(en ?? {}).sort());
    for (const [key, text] of Object.entries(en ?? {})) {
      const russian = ru?.[key] ?? "";
      assertEquals(placeholders(russian), placeholders(text), key);
      assert(text.trim() !== "" && russian.trim() !== "", key);
      // What a person is to type may be in any script.
      assertNotMatch(text.replaceAll("привет", ""), /\p{Script=Cyrillic}/u, key);
    }
  });
}

Deno.test("languageFrom() follows what was asked, then the locale variables in POSIX order", () => {
  const language = (asked: string | undefined, env: Record<string, string> = {}): string =>
    languageFrom(asked, (name) => env[name]);
  assertEquals(language("ru", { LC_ALL: "en_US.UTF-8" }), "ru");
  assertEquals(language("en", { LC_ALL: "ru_RU.UTF-8" }), "en");
  assertEquals(language(undefined, { LC_ALL: "ru_RU.UTF-8", LC_MESSAGES: "en", LANG: "en" }), "ru");
  assertEquals(language(undefined, { LC_ALL: "C", LC_MESSAGES: "ru", LANG: "ru" }), "en");
  assertEquals(language(undefined, { LC_ALL: "", LC_MESSAGES: "ru_UA", LANG: "en" }), "ru");
  assertEquals(language(undefined, { LANG: "ru_RU" }), "ru");
  for (const locale of ["ru", "RU", "ru_RU", "ru-RU", "ru.UTF-8", "ru@latin"]) {
    assertEquals(language(undefined, { LANG: locale }), "ru", locale);
  }
  for (const locale of ["", "C", "POSIX", "en_US.UTF-8", "rum_RO", "run", "de_DE"]) {
    assertEquals(language(undefined, { LANG: locale }), "en", locale);
  }
});

for (const language of ["en", "ru"] as const) {
  Deno.test(`explainError() of a connection that was lost has a value in each place (${language})`, async () => {
    const t = await translator(language);
    for (const code of ["ECONNRESET", "EPIPE", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "EMFILE", "EIO"]) {
      const lost = connectionError(Object.assign(new Error("os"), { code }));
      const text = explainError(lost, t);
      assertNotMatch(text, /[{}]/, code);
      assertEquals(/\p{Script=Cyrillic}/u.test(text), language === "ru", text);
    }
  });
}

Deno.test("translator() fills values in once, whatever they contain", async () => {
  const t = await translator("en");
  assertEquals(
    t("error.bad_answer", { value: "{reason}", reason: "no" }),
    'Invalid value "{reason}": no.',
  );
});

for (const language of ["en", "ru"] as const) {
  const t = await translator(language);

  Deno.test(`${language}: every error is explained without a hole`, () => {
    const errors = [
      new UsageError("bad_value", "m", { details: { option: "--port", value: "x", reason: "port" } }),
      new UsageError("unknown_option", "m", { details: { option: "--x", nearest: "--y" } }),
      new UsageError("unknown_option", "m", { details: { option: "--x" } }),
      new UsageError("missing_value", "m", { details: { option: "--x", placeholder: "N" } }),
      new UsageError("payload_not_encodable", "m", { details: { framing: "line", reason: "line_feed" } }),
      new NetworkError("port_busy", "m", { details: { address: "h:1", action: "listen on" } }),
      new NetworkError("host_not_found", "m", { details: { address: "h:1", action: "connect to" } }),
      new NetworkError("refused", "m", { details: { address: "h:1", action: "connect to" } }),
      new NetworkError("closed_by_peer", "m", { details: { pending: 3 } }),
      new ProtocolError("frame_too_large", "m", { details: { length: 2, limit: 1 } }),
      new ProtocolError("truncated_frame", "m", { details: { frames: 1 } }),
      new TimeoutError("m", { details: { ms: 5 } }),
      new StorageError("cannot_write", "m", { details: { path: "/x", reason: "no space" } }),
      new RangeError("a bug"),
    ];
    for (const error of errors) {
      const text = explainError(error, t);
      assertNotMatch(text, /[{}]|undefined/, text);
      assertNotMatch(text, /\n/);
      if (language === "ru") assertMatch(text, /\p{Script=Cyrillic}/u);
    }
  });
}

Deno.test("exitCodeOf() gives the documented codes", () => {
  const codes: readonly (readonly [unknown, number])[] = [
    [new UsageError("bad_value", ""), 64],
    [new ProtocolError("bad_header", ""), 65],
    [new ProtocolError("truncated_frame", ""), 65],
    [new ProtocolError("invalid_utf8", ""), 65],
    [new NetworkError("host_not_found", ""), 68],
    [new NetworkError("refused", ""), 69],
    [new NetworkError("port_busy", ""), 69],
    [new StorageError("cannot_write", ""), 73],
    [new TimeoutError(""), 75],
    [new ProtocolError("echo_mismatch", ""), 76],
    [new ProtocolError("bad_reply", ""), 76],
    [new LoginError("login_incorrect", ""), 77],
    [new ConfigError("bad_config", ""), 78],
    [new Error("a bug"), 1],
    ["not even an error", 1],
  ];
  for (const [error, code] of codes) assertEquals(exitCodeOf(error), code, String(error));
  assertEquals(EXIT.interrupted, 130);
});
