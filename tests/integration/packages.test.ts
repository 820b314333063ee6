/** `deno task package`: what it makes is installed as a user would, and run. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import manifest from "../../deno.json" with { type: "json" };
import { packDebs } from "../../tools/package/deb.ts";
import { output } from "../../tools/package/files.ts";
import { packNpm } from "../../tools/package/npm.ts";
import type { Source } from "../../tools/package.ts";
import { isServed } from "../support/net.ts";
import { inRepository } from "../support/repository.ts";
import { isInstalled, runProgram, startServer, tempDir, toolPath } from "../support/tools.ts";

const { version } = manifest;

/** In place of the binaries something small that runs them: packing 200 MB takes most of a minute. */
async function source(out: string): Promise<Source> {
  const dist = join(out, "dist");
  await Deno.mkdir(dist);
  for (const tool of ["echo-server", "echo-client"] as const) {
    await Deno.writeTextFile(join(dist, tool), `#!/bin/sh\nexec "${toolPath(tool)}" "$@"\n`);
    await Deno.chmod(join(dist, tool), 0o755);
  }
  return { root: inRepository("."), dist, out, version };
}

Deno.test({
  name: "the packages for Debian have what they are to install, and dpkg installs, removes and purges one",
  ignore: !isInstalled("dpkg-deb") || Deno.build.os !== "linux",
  async fn() {
    using folder = tempDir();
    const [client = "", server = ""] = await packDebs(await source(folder.path));

    const listed = await output("dpkg-deb", ["--contents", server]);
    for (
      const path of [
        "usr/bin/echo-server",
        "usr/lib/systemd/system/echo-server.service",
        "usr/lib/systemd/system/echo-server.socket",
        "etc/echo-server/config.toml",
        "usr/share/man/man1/echo-server-users-add.1.gz",
        "usr/share/bash-completion/completions/echo-server",
        "usr/share/zsh/vendor-completions/_echo-server",
        "usr/share/fish/vendor_completions.d/echo-server.fish",
      ]
    ) {
      assert(listed.includes(` ./${path}\n`), path);
    }
    assert(!/ (?!root\/root)\S+\/\S+ +\d+ /.test(listed), "everything is root's");
    assertMatch(await output("dpkg-deb", ["--field", server]), new RegExp(`^Version: ${version}\n.*adduser`, "ms"));
    assertEquals(
      await output("dpkg-deb", ["--info", server, "conffiles"]),
      "/etc/echo-server/config.toml\n",
    );
    await output("dpkg-deb", ["--control", server, folder.at("control")]);
    for (const script of ["postinst", "prerm", "postrm"]) await output("sh", ["-n", folder.at("control", script)]);

    const installed = folder.at("system");
    await Deno.mkdir(installed);
    const dpkg = (...args: string[]): Promise<string> =>
      output("dpkg", ["--root", installed, "--force-depends,not-root", "--log", folder.at("log"), ...args]);
    await Deno.mkdir(folder.at("system", "var/lib/dpkg/updates"), { recursive: true });
    await Deno.mkdir(folder.at("system", "var/lib/dpkg/info"));
    await Deno.writeTextFile(folder.at("system", "var/lib/dpkg/status"), "");
    await dpkg("--install", client);
    const { stdout } = await runProgram(folder.at("system", "usr/bin/echo-client"), ["--version"]);
    assertMatch(stdout, new RegExp(`^echo-client ${version} `));
    assertEquals(await dpkg("--verify", "echo-client"), "");
    await dpkg("--purge", "echo-client");
    assertEquals(
      [...Deno.readDirSync(folder.at("system"))].map(({ name }) => name).filter((name) => name === "usr"),
      [],
    );
  },
});

Deno.test({
  name: "the unit of the package runs its own binary as its own user, and the configuration can be used",
  ignore: !isInstalled("dpkg-deb") || Deno.build.os !== "linux",
  async fn() {
    using folder = tempDir();
    const unit = await Deno.readTextFile(inRepository("docs/examples/systemd/echo-server.service"));
    const options = /^ExecStart=\/usr\/local\/bin\/echo-server (.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
    await Deno.mkdir(folder.at("echo-server"));
    await Deno.copyFile(inRepository("tools/package/debian/config.toml"), folder.at("echo-server", "config.toml"));
    const args = options.map((word) => word === "/var/lib/echo-server" ? folder.path : word);
    const { code, stdout, stderr } = await runProgram(toolPath("echo-server"), [...args, "--check-config"], {
      env: { XDG_CONFIG_HOME: folder.path },
    });
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /can be used/);
  },
});

Deno.test({
  name: "the packages for npm are installed without a network, and their commands run",
  ignore: !isInstalled("npm"),
  async fn() {
    using folder = tempDir();
    const tarballs = await packNpm(await source(folder.path));
    await Deno.writeTextFile(folder.at("package.json"), '{ "private": true }');
    await output(
      "npm",
      ["install", "--offline", "--no-audit", "--no-fund", "--cache", folder.at("cache"), ...tarballs],
      {
        cwd: folder.path,
      },
    );
    const command = (name: string): string => folder.at("node_modules", ".bin", name);
    const { stdout } = await runProgram(command("echo-client"), ["--version"]);
    assertMatch(stdout, new RegExp(`^echo-client ${version} `));
    assertEquals((await runProgram(command("echo-client"), ["--no-such-option"])).code, 64);

    await using server = await startServer({ program: command("echo-server") });
    assert(await isServed(server.port));
    // The signal reaches the binary, which ends in order.
    assertEquals((await server.stop()).code, 0);
    assertMatch(server.log(), /server stopped/);
  },
});
