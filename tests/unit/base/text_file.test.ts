import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, StorageError } from "../../../lib/base/errors.ts";
import { readText, readTrusted, textFrom } from "../../../lib/base/text_file.ts";

const utf16 = (text: string, { big = false, mark = true } = {}): Uint8Array => {
  const units = Array.from((mark ? "\ufeff" : "") + text, (char) => char.charCodeAt(0));
  return Uint8Array.from(units.flatMap((unit) => big ? [unit >> 8, unit & 0xff] : [unit & 0xff, unit >> 8]));
};

Deno.test("textFrom() drops the byte order mark and carriage returns at line ends", () => {
  const text = (written: string): string => textFrom(new TextEncoder().encode(written), "list");
  assertEquals(text("\ufeff10.0.0.1\r\n# мир\r\n"), "10.0.0.1\n# мир\n");
  assertEquals(text("a\rb"), "a\rb");
  assertEquals(text(""), "");
});

for (const big of [false, true]) {
  for (const mark of [false, true]) {
    Deno.test(`textFrom() names UTF-16, ${big ? "big" : "little"} endian, ${mark ? "with" : "without"} mark`, () => {
      const error = assertThrows(() => textFrom(utf16("10.0.0.1\r\n", { big, mark }), "list"), ConfigError, "UTF-16");
      assertEquals([error.code, error.details["path"], error.details["problem"]], ["bad_text", "list", "utf16"]);
    });
  }
}

Deno.test("textFrom() refuses other encodings, but where they may stand in comments", () => {
  const cyrillic1251 = Uint8Array.of(0xec, 0xe8, 0xf0, 0x0a);
  assertEquals(assertThrows(() => textFrom(cyrillic1251, "x"), ConfigError).details["problem"], "not_utf8");
  assertEquals(textFrom(cyrillic1251, "x", { lossy: true }).length, 4);
  assertThrows(() => textFrom(utf16("-----BEGIN"), "x", { lossy: true }), ConfigError, "UTF-16");
});

Deno.test("readText() says which file cannot be read", () => {
  assertThrows(() => readText("/nowhere/list"), StorageError, "/nowhere/list");
});

Deno.test({
  name: "readTrusted() follows links, and refuses what others can write or replace, and secrets that they can read",
  ignore: Deno.build.os === "windows",
  fn: () => {
    const folder = Deno.makeTempDirSync();
    const [path, link, pipe] = [`${folder}/in/file`, `${folder}/link`, `${folder}/in/pipe`];
    const problem = (secret: boolean): unknown =>
      assertThrows(() => readTrusted(link, { secret }), ConfigError).details["problem"];
    try {
      Deno.mkdirSync(`${folder}/in`, { mode: 0o700 });
      Deno.writeTextFileSync(path, "a\r\n", { mode: 0o644 });
      Deno.symlinkSync(path, link);
      assertEquals(readTrusted(link), "a\n");
      assertEquals(readTrusted("/dev/null"), "");
      assertEquals(problem(true), "readable");
      Deno.chmodSync(path, 0o666);
      assertEquals(problem(false), "writable");
      Deno.chmodSync(path, 0o600);
      Deno.chmodSync(`${folder}/in`, 0o777);
      assertEquals(problem(false), "writable");
      Deno.chmodSync(`${folder}/in`, 0o1777);
      assertEquals(readTrusted(link, { secret: true }), "a\n");
      new Deno.Command("mkfifo", { args: [pipe] }).outputSync();
      assertThrows(() => readTrusted(pipe), StorageError, "a device or a pipe");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
