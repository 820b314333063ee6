import { assertEquals, assertThrows } from "@std/assert";
import { StorageError, UsageError } from "../../../lib/base/errors.ts";
import { checkOutputFile, checkOutputFiles } from "../../../lib/base/output_check.ts";
import { standardStream } from "../../../lib/base/output_file.ts";
import { tempDir } from "../../support/programs.ts";

Deno.test("checkOutputFile() changes nothing, and says what cannot be written", () => {
  using dir = tempDir();
  Deno.writeTextFileSync(dir.at("kept"), "old");
  for (const path of [dir.at("kept"), dir.at("new"), "-", "/dev/stderr", "/proc/self/fd/1"]) checkOutputFile(path);
  assertEquals(Array.from(Deno.readDirSync(dir.path), ({ name }) => name), ["kept"]);
  assertEquals(Deno.readTextFileSync(dir.at("kept")), "old");
  for (
    const [path, problem] of [
      [dir.path, "directory"],
      [dir.at("none", "file"), "not_found"],
      [dir.at("kept", "file"), "not_a_directory"],
    ] as const
  ) {
    const error = assertThrows(() => checkOutputFile(path), StorageError);
    assertEquals([error.code, error.details["problem"]], ["cannot_write", problem]);
  }
});

Deno.test({
  name: "checkOutputFile() does not wait for the reader of a pipe",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using dir = tempDir();
    new Deno.Command("mkfifo", { args: [dir.at("fifo")] }).outputSync();
    checkOutputFile(dir.at("fifo"));
  },
});

Deno.test("standardStream() knows every name of standard output and error", () => {
  for (const path of ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
    assertEquals(standardStream(path), Deno.stdout);
  }
  for (const path of ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"]) assertEquals(standardStream(path), Deno.stderr);
  assertEquals(standardStream("./-"), undefined);
});

Deno.test("A file may be read twice, and none that is read or written is written as well", () => {
  using dir = tempDir();
  const path = dir.at("file");
  Deno.writeTextFileSync(path, "");
  checkOutputFiles({}, { A: path, B: path });
  assertThrows(() => checkOutputFiles({ "--html": path }, { A: path }), UsageError, "A names the same file");
  assertThrows(() => checkOutputFiles({ "--csv": path, "--html": path }), UsageError, "--csv names the same file");
});
