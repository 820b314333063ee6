import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../lib/base/errors.ts";
import type { OpenListener } from "../../../lib/net/listen.ts";
import { writePortFile } from "../../../lib/server/port_file.ts";
import { tempDir } from "../../support/programs.ts";

const ignore = Deno.build.os === "windows";

function listening(): OpenListener & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const close = (): void => listener.close();
  return { listener, address: "", close, [Symbol.dispose]: close };
}

Deno.test({
  name: "writePortFile() writes a file that nobody else can write, whatever the umask, and removes it",
  ignore,
  fn: () => {
    using dir = tempDir();
    using open = listening();
    const before = Deno.umask(0);
    try {
      using _file = writePortFile(dir.at("port"), [open]);
      assertEquals((Deno.statSync(dir.at("port")).mode ?? 0) & 0o777, 0o644);
      const { port } = open.listener.addr as Deno.NetAddr;
      assertEquals(Deno.readTextFileSync(dir.at("port")), `${port}\n`);
    } finally {
      Deno.umask(before);
    }
    assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
  },
});

Deno.test({
  name: "writePortFile() replaces a link, not what it leads to, and refuses a folder where anybody can do so",
  ignore,
  fn: () => {
    using dir = tempDir();
    using open = listening();
    Deno.writeTextFileSync(dir.at("target"), "kept");
    Deno.symlinkSync(dir.at("target"), dir.at("port"));
    Deno.symlinkSync(dir.at("target"), dir.at(`port.${Deno.pid}.tmp`));
    writePortFile(dir.at("port"), [open])[Symbol.dispose]();
    assertEquals(Deno.readTextFileSync(dir.at("target")), "kept");
    Deno.mkdirSync(dir.at("open"));
    Deno.chmodSync(dir.at("open"), 0o777);
    assertThrows(() => writePortFile(dir.at("open", "port"), [open]), ConfigError, "other users can write it");
  },
});
