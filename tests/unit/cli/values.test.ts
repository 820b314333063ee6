import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  parseChoice,
  parseCount,
  parseDuration,
  parseFraming,
  parseHost,
  parsePath,
  parsePort,
  parsePositive,
  parseRemotePort,
  parseSize,
  parseSwitch,
  parseTarget,
  parseTimeout,
  parseWorkers,
  targetFrom,
  type ValueParser,
} from "../../../lib/cli/values.ts";
import { UsageError } from "../../../lib/base/errors.ts";

interface Case {
  readonly name: string;
  readonly parse: ValueParser<unknown>;
  readonly good: readonly (readonly [string, unknown])[];
  readonly bad: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "parsePort",
    parse: parsePort,
    good: [["0", 0], ["1", 1], ["9090", 9090], ["65535", 65535], [" 80 ", 80], ["00080", 80]],
    bad: ["", " ", "-1", "+1", "65536", "70000", "999999", "9090x", "abc", "1e3", "0x50", "80.0", "8 0", "٨٠"],
  },
  {
    name: "parseRemotePort",
    parse: parseRemotePort,
    good: [["1", 1], ["65535", 65535]],
    bad: ["", "0", "000", "-1", "65536", "http"],
  },
  {
    name: "parseSwitch",
    parse: parseSwitch,
    good: [["1", true], ["true", true], ["Yes", true], ["ON", true], ["", false], [" 0 ", false], ["FALSE", false], [
      "no",
      false,
    ], ["off", false]],
    bad: ["2", "maybe", "truee", "-1"],
  },
  {
    name: "parsePath",
    parse: parsePath,
    good: [["-", "-"], [" ", " "], ["a\nb", "a\nb"]],
    bad: [""],
  },
  {
    name: "parsePositive",
    parse: parsePositive,
    good: [["1", 1], ["999999999", 999_999_999]],
    bad: ["", "0", "-1", "1000000000", "1e3", "10k", "٣"],
  },
  {
    name: "parseCount",
    parse: parseCount,
    good: [["0", 0], ["12", 12], [" 7 ", 7]],
    bad: ["", "-1", "1.5", "many", "1e9", "12345678901"],
  },
  {
    name: "parseWorkers",
    parse: parseWorkers,
    good: [["1", 1], ["64", 64], [" 2 ", 2], ["auto", "auto"], ["AUTO", "auto"]],
    bad: ["", "0", "65", "-1", "1.5", "all", "1e1"],
  },
  {
    name: "parseHost",
    parse: parseHost,
    good: [
      ["localhost", "localhost"],
      ["LocalHost.", "localhost"],
      ["1.example", "1.example"],
      ["127.0.0.1", "127.0.0.1"],
      ["example.org.", "example.org."],
      ["::1", "::1"],
      ["[::1]", "::1"],
      ["::ffff:127.0.0.1", "::ffff:127.0.0.1"],
      ["fe80::1%eth0", "fe80::1%eth0"],
      ["unix:/tmp/x y", "unix:/tmp/x y"],
      ["пример.рф", "xn--e1afmkfd.xn--p1ai"],
      ["_service.local", "_service.local"],
    ],
    bad: [
      "",
      " ",
      "local host",
      "256.1.1.1",
      "1.2.3",
      "1",
      // What inet_aton(3) takes for addresses, and the WHATWG's rules for a name.
      "0x7f.1",
      "0x7f000001",
      "a.1",
      "127.0.0.1.",
      "a..b",
      "-x",
      "http://x",
      "x/y",
      "x:1",
      "a:b:c",
      "1:2",
      ":::",
      "unix:",
      "a".repeat(254),
    ],
  },
  {
    name: "parseSize",
    parse: parseSize,
    good: [["0B", 0], ["512B", 512], ["64KiB", 65536], ["64kib", 65536], ["1.5 MiB", 1572864], ["2GiB", 2 ** 31]],
    bad: ["", "64", "64kB", "-1KiB", "1e3B", "KiB", "1.KiB", "1.2345KiB", "9007199254740993GiB", "5constructor"],
  },
  {
    name: "parseDuration",
    parse: parseDuration,
    good: [["250ms", 250], ["10s", 10_000], ["1.5s", 1500], ["2min", 120_000], ["24h", 86_400_000], [
      "7 d",
      604_800_000,
    ]],
    bad: ["", "10", "-1s", "s", "1:30", "10sec"],
  },
  {
    name: "parseChoice",
    parse: parseChoice(["text", "json"]),
    good: [["text", "text"], ["JSON", "json"], [" json ", "json"]],
    bad: ["", "xml", "jso", "text,json"],
  },
];

for (const { name, parse, good, bad } of CASES) {
  for (const [text, value] of good) {
    Deno.test(`${name}() takes ${JSON.stringify(text)}`, () => assertEquals(parse(text), value));
  }
  for (const text of bad) {
    Deno.test(`${name}() refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      const error = assertThrows(() => parse(text), UsageError);
      assertEquals([error.code, error.details.value], ["bad_value", text]);
    });
  }
}

Deno.test("parseTimeout() refuses what no timer can wait, and names the most", () => {
  assertEquals(parseTimeout("24d20h31min23.647s"), 2 ** 31 - 1);
  for (
    const [parse, text] of [[parseTimeout, "2147483648ms"], [parseTimeout, "30d"], [parseDuration, "36501d"]] as const
  ) {
    const { details } = assertThrows(() => parse(text), UsageError);
    assertEquals(details.reason, "duration_too_long");
    assert(parse(String(details.max)) > 0);
  }
  assertEquals(parseDuration("30d"), 30 * 86_400_000);
});

Deno.test("parseFraming() takes a framing by its name and explains the others", () => {
  assertEquals(parseFraming(" dec:8 ").name, "dec:8");
  for (const name of ["", "u63", "dec:0", "toString"]) {
    assertEquals(assertThrows(() => parseFraming(name), UsageError).details.reason, "framing");
  }
});

for (
  const [text, target] of [
    ["localhost", { host: "localhost" }],
    ["localhost:80", { host: "localhost", port: 80 }],
    [":80", { port: 80 }],
    ["[::1]:80", { host: "::1", port: 80 }],
    ["[::1]", { host: "::1" }],
    ["::1", { host: "::1" }],
    ["unix:/tmp/a:b", { host: "unix:/tmp/a:b" }],
  ] as const
) {
  Deno.test(`parseTarget() reads ${text}`, () => assertEquals<unknown>(parseTarget(text), target));
}

for (
  const text of [
    "localhost:",
    "localhost:http",
    "local host:80",
    "a:b:c",
    "[::1]80",
    "localhost:70000",
    "",
    " ",
    "[]",
    "[]:1",
    "http://x",
    "tcp://h:1",
  ]
) {
  Deno.test(`parseTarget() refuses ${JSON.stringify(text)}`, () => {
    assertEquals(assertThrows(() => parseTarget(text), UsageError).code, "bad_value");
  });
}

Deno.test("targetFrom() tells TCP from Unix sockets", () => {
  assertEquals(targetFrom("unix:/x", 1), { transport: "unix", path: "/x" });
  assertEquals(targetFrom("h", 1), { transport: "tcp", host: "h", port: 1 });
});
