import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isStandardInput, readInput, readWhole } from "../../../lib/base/files.ts";
import { StorageError } from "../../../lib/base/errors.ts";
import { tempDir } from "../../support/programs.ts";

Deno.test("readWhole() reads a file, and says why it cannot", () => {
  using dir = tempDir();
  Deno.writeTextFileSync(dir.at("file"), "text");
  assertEquals(new TextDecoder().decode(readWhole(dir.at("file"))), "text");
  if (Deno.build.os !== "windows") assertEquals(readWhole("/dev/null").length, 0);
  for (const path of ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]) assertEquals(isStandardInput(path), true);
  for (const path of ["./-", "/dev/fd/10", "stdin"]) assertEquals(isStandardInput(path), false);
  for (const [path, problem] of [[dir.at("none"), "not_found"], [dir.path, "directory"], ["", "path"]] as const) {
    const error = assertThrows(() => readWhole(path), StorageError);
    assertEquals([error.code, error.details["problem"]], ["cannot_read", problem]);
  }
});

Deno.test({
  name: "readWhole() reads no device, no pipe without a writer, and nothing too large, which would have no end",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using dir = tempDir();
    new Deno.Command("mkfifo", { args: [dir.at("fifo")] }).outputSync();
    Deno.truncateSync(Deno.makeTempFileSync({ dir: dir.path, prefix: "large" }), 65 * 1024 ** 2);
    const large = [...Deno.readDirSync(dir.path)].find(({ name }) => name.startsWith("large"))?.name ?? "";
    for (
      const [path, problem] of [
        ["/dev/zero", "special_file"],
        [dir.at("fifo"), "special_file"],
        [dir.at(large), "file_too_large"],
      ] as const
    ) {
      assertEquals(assertThrows(() => readWhole(path), StorageError).details["problem"], problem);
    }
  },
});

Deno.test("readInput() reads a stream to its end, and ends one that has none", async () => {
  assertEquals(await readInput(ReadableStream.from([Uint8Array.of(1, 2), Uint8Array.of(3)])), Uint8Array.of(1, 2, 3));
  const zeros = new Uint8Array(1024 ** 2);
  let taken = 0;
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => void (taken++, controller.enqueue(zeros)),
    cancel: () => void (isCancelled = true),
  });
  const error = await assertRejects(() => readInput(endless), StorageError);
  assertEquals([error.details["problem"], taken <= 70, isCancelled], ["file_too_large", true, true]);
});
