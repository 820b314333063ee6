import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, StorageError } from "../../../lib/base/errors.ts";
import { LogFile } from "../../../lib/server/log_file.ts";
import { tempDir } from "../../support/programs.ts";

/** Names and contents of the files in a folder. */
function filesIn(path: string): Record<string, string> {
  const names = Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
  return Object.fromEntries(names.map((name) => [name, Deno.readTextFileSync(`${path}/${name}`)]));
}

Deno.test("LogFile appends to what is there, in a folder it makes, for its owner only", () => {
  using dir = tempDir();
  const path = dir.at("deep", "folder", "x.log");
  for (const line of ["one\n", "two\n"]) {
    using log = new LogFile(path, { maxSize: 0, keep: 0 });
    log.write(line);
  }
  assertEquals(Deno.readTextFileSync(path), "one\ntwo\n");
  assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  assertEquals((Deno.statSync(dir.at("deep")).mode ?? 0) & 0o777, 0o700);
});

Deno.test("LogFile.write() rotates before the file would outgrow its size, and keeps so many", () => {
  using dir = tempDir();
  using log = new LogFile(dir.at("x.log"), { maxSize: 8, keep: 2 });
  for (const line of ["aaa\n", "bbb\n", "ccc\n", "ddd\n", "eee\n", "fff\n", "ggg\n"]) log.write(line);
  assertEquals(filesIn(dir.path), { "x.log": "ggg\n", "x.log.1": "eee\nfff\n", "x.log.2": "ccc\nddd\n" });
});

Deno.test("LogFile counts what a file had before it was opened", () => {
  using dir = tempDir();
  Deno.writeTextFileSync(dir.at("x.log"), "12345678\n");
  using log = new LogFile(dir.at("x.log"), { maxSize: 10, keep: 1 });
  log.write("new\n");
  assertEquals(filesIn(dir.path), { "x.log": "new\n", "x.log.1": "12345678\n" });
});

Deno.test("LogFile.write() keeps a line that is longer than the size whole", () => {
  using dir = tempDir();
  using log = new LogFile(dir.at("x.log"), { maxSize: 8, keep: 1 });
  log.write("a very long line\n");
  log.write("b\n");
  assertEquals(filesIn(dir.path), { "x.log": "b\n", "x.log.1": "a very long line\n" });
});

Deno.test("LogFile with nothing to keep begins anew in the same file", () => {
  using dir = tempDir();
  using log = new LogFile(dir.at("x.log"), { maxSize: 8, keep: 0 });
  for (const line of ["aaa\n", "bbb\n", "ccc\n"]) log.write(line);
  assertEquals(filesIn(dir.path), { "x.log": "ccc\n" });
});

Deno.test("LogFile with size 0 never rotates", () => {
  using dir = tempDir();
  using log = new LogFile(dir.at("x.log"), { maxSize: 0, keep: 2 });
  for (let line = 0; line < 1000; line++) log.write("0123456789\n");
  assertEquals(Object.keys(filesIn(dir.path)), ["x.log"]);
});

Deno.test("LogFile.reopen() writes to a new file after the old one was moved away", () => {
  using dir = tempDir();
  using log = new LogFile(dir.at("x.log"), { maxSize: 0, keep: 0 });
  log.write("old\n");
  Deno.renameSync(dir.at("x.log"), dir.at("moved.log"));
  log.write("still old\n");
  log.reopen();
  log.write("new\n");
  assertEquals(filesIn(dir.path), { "moved.log": "old\nstill old\n", "x.log": "new\n" });
});

Deno.test("LogFile.reopen() keeps the old file where a new one cannot be made", () => {
  using dir = tempDir();
  Deno.mkdirSync(dir.at("logs"));
  using log = new LogFile(dir.at("logs", "x.log"), { maxSize: 0, keep: 0 });
  Deno.renameSync(dir.at("logs"), dir.at("moved"));
  Deno.writeTextFileSync(dir.at("logs"), "");
  assertThrows(() => log.reopen(), Error);
  log.write("not lost\n");
  assertEquals(Deno.readTextFileSync(dir.at("moved", "x.log")), "not lost\n");
  Deno.removeSync(dir.at("logs"));
  log.reopen();
  log.write("in a new folder\n");
  assertEquals(Deno.readTextFileSync(dir.at("logs", "x.log")), "in a new folder\n");
});

Deno.test("LogFile.write() goes on in the old file where it cannot rotate, and loses nothing", () => {
  using dir = tempDir();
  using log = new LogFile(dir.at("x.log"), { maxSize: 8, keep: 1 });
  Deno.mkdirSync(dir.at("x.log.1"));
  for (const line of ["aaa\n", "bbb\n", "ccc\n"]) log.write(line);
  assertEquals(Deno.readTextFileSync(dir.at("x.log")), "aaa\nbbb\nccc\n");
});

Deno.test("LogFile.write() counts the lines that a full disk refuses, and throws nothing", {
  ignore: Deno.build.os !== "linux",
}, () => {
  using log = new LogFile("/dev/full", { maxSize: 0, keep: 0 });
  log.write("one\n");
  log.write("two\n");
  assertEquals(log.lost, 2);
});

Deno.test("LogFile refuses a path that cannot be written, and names it", () => {
  for (const path of ["/dev/null/x.log", "/proc/x.log"]) {
    const error = assertThrows(() => new LogFile(path, { maxSize: 0, keep: 0 }), StorageError, `Cannot write ${path}`);
    assertEquals([error.code, error.details.path], ["cannot_write", path]);
  }
});

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "LogFile refuses a FIFO, a link, and a file or folder that anybody can write; /dev/null is a place to log to",
  ignore,
  fn: () => {
    using dir = tempDir();
    const refuses = (path: string, problem: string): void => {
      const error = assertThrows(() => new LogFile(path, { maxSize: 0, keep: 0 }), ConfigError);
      assertEquals([error.code, error.details["problem"]], ["untrusted_file", problem]);
    };
    new Deno.Command("mkfifo", { args: [dir.at("fifo")] }).outputSync();
    refuses(dir.at("fifo"), "not_regular");
    Deno.writeTextFileSync(dir.at("target"), "kept");
    Deno.symlinkSync(dir.at("target"), dir.at("link"));
    refuses(dir.at("link"), "symlink");
    Deno.chmodSync(dir.at("target"), 0o666);
    refuses(dir.at("target"), "writable");
    Deno.mkdirSync(dir.at("open"));
    Deno.chmodSync(dir.at("open"), 0o777);
    refuses(dir.at("open", "x.log"), "writable");
    Deno.chmodSync(dir.at("open"), 0o1777);
    new LogFile(dir.at("open", "x.log"), { maxSize: 0, keep: 0 })[Symbol.dispose]();
    using nowhere = new LogFile("/dev/null", { maxSize: 1, keep: 1 });
    for (let line = 0; line < 3; line++) nowhere.write("lost\n");
    assertEquals(Deno.statSync("/dev/null").isCharDevice, true);
  },
});
