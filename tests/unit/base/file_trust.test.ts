import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  checkTrust,
  type TrustFault,
  trustFault,
  type TrustInfo,
  type TrustOptions,
} from "../../../lib/base/file_trust.ts";
import { ConfigError } from "../../../lib/base/errors.ts";

const FILE: TrustInfo = { isFile: true, isDirectory: false, isSymlink: false, mode: 0o100600, uid: 1000 };
const FOLDER: TrustInfo = { ...FILE, isFile: false, isDirectory: true, mode: 0o40700 };

const CASES: readonly [name: string, info: TrustInfo, options: TrustOptions, fault: TrustFault | undefined][] = [
  ["one's own file", FILE, {}, undefined],
  ["root's file", { ...FILE, uid: 0 }, {}, undefined],
  ["another user's file", { ...FILE, uid: 1001 }, {}, "owner"],
  ["a file the group can write", { ...FILE, mode: 0o100620 }, {}, "writable"],
  ["a file all can write", { ...FILE, mode: 0o100602 }, {}, "writable"],
  ["a file all can read", { ...FILE, mode: 0o100644 }, {}, undefined],
  ["a file the group can write, where it may", { ...FILE, mode: 0o100660 }, { groupWrites: true }, undefined],
  ["a secret of root's that a group can read", { ...FILE, uid: 0, mode: 0o100640 }, { secret: true }, undefined],
  ["one's own secret that a group can read", { ...FILE, mode: 0o100640 }, { secret: true }, "readable"],
  ["a secret all can read", { ...FILE, mode: 0o100644 }, { secret: true }, "readable"],
  ["a link", { ...FILE, isFile: false, isSymlink: true }, {}, "symlink"],
  ["a FIFO", { ...FILE, isFile: false, mode: 0o10600 }, {}, "not_regular"],
  ["a folder for a file", FOLDER, {}, "not_regular"],
  ["one's own folder", FOLDER, { kind: "folder" }, undefined],
  ["a file for a folder", FILE, { kind: "folder" }, "not_a_directory"],
  ["a folder all can write", { ...FOLDER, mode: 0o40777 }, { kind: "folder" }, "writable"],
  ["a sticky one", { ...FOLDER, mode: 0o41777, uid: 0 }, { kind: "folder" }, "writable"],
  [
    "a sticky one where that will do",
    { ...FOLDER, mode: 0o41777, uid: 0 },
    { kind: "folder", sticky: true },
    undefined,
  ],
  ["another user's sticky one", { ...FOLDER, mode: 0o41777, uid: 1 }, { kind: "folder", sticky: true }, "owner"],
  ["a file of a system without modes", { ...FILE, mode: null, uid: null }, { secret: true }, undefined],
];

for (const [name, info, options, fault] of CASES) {
  Deno.test(`trustFault() judges ${name}`, () => assertEquals(trustFault(info, 1000, options), fault));
}

Deno.test("checkTrust() says what to do, and follows no link", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/file`;
    assertEquals(checkTrust(path), undefined);
    Deno.writeTextFileSync(path, "", { mode: 0o600 });
    assertEquals(checkTrust(path)?.size, 0);
    Deno.chmodSync(path, 0o664);
    const error = assertThrows(() => checkTrust(path), ConfigError, "other users can write it (mode 664)");
    assertEquals([error.code, error.details["problem"]], ["untrusted_file", "writable"]);
    assertMatch(String(error.details["reason"]), /run chmod go-w /);
    Deno.symlinkSync(path, `${folder}/link`);
    assertThrows(() => checkTrust(`${folder}/link`), ConfigError, "symbolic link");
    Deno.symlinkSync(folder, `${folder}/folder`);
    assertEquals(checkTrust(`${folder}/folder`, { kind: "folder" })?.isDirectory, true);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "checkTrust() refuses what another user owns",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () => {
    const path = Deno.makeTempFileSync();
    try {
      Deno.chownSync(path, 65534, 65534);
      assertThrows(() => checkTrust(path), ConfigError, `run chown 0 ${path}`);
    } finally {
      Deno.removeSync(path);
    }
  },
});
