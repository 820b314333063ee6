import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../lib/base/errors.ts";
import { Certificate } from "../../../lib/net/certificate.ts";
import { tempDir } from "../../support/programs.ts";
import { writeCertificate } from "../../support/certificates.ts";

Deno.test({
  name: "Certificate refuses a key that others can read, follows links, and keeps what it has when a reload is refused",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using dir = tempDir();
    const files = await writeCertificate(dir.path);
    Deno.symlinkSync(files.key, dir.at("link.pem"));
    const certificate = new Certificate({ cert: files.cert, key: dir.at("link.pem") });
    const before = certificate.current();
    Deno.chmodSync(files.key, 0o644);
    for (const key of [files.key, dir.at("link.pem")]) {
      const error = assertThrows(() => new Certificate({ cert: files.cert, key }), ConfigError, "run chmod");
      assertEquals([error.code, error.details["problem"]], ["untrusted_file", "readable"]);
    }
    assertThrows(() => certificate.reload(), ConfigError, "other users can read it");
    assertEquals(certificate.current(), before);
    const missing = assertThrows(() => new Certificate({ cert: dir.at("none"), key: files.key }), ConfigError);
    assertEquals(missing.code, "bad_tls_file");
  },
});
