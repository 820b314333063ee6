/**
 * `.deb` packages for Debian 12 and Ubuntu 22.04 or later, one for each tool (deb(5), Debian Policy 4.7).
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { join } from "@std/path";
import type { Source } from "../package.ts";
import { output, Staging } from "./files.ts";

type Tool = "echo-server" | "echo-client";

const DESCRIPTIONS: Readonly<Record<Tool, string>> = {
  "echo-server": `framed TCP echo server
 Returns every message to the client that sent it. Several framings, users with
 log-ins by SCRAM, TLS, limits, metrics, and a check of clients under test.`,
  "echo-client": `client, benchmark and grader for framed TCP echo servers
 Holds conversations, measures time and throughput, shows what travels between
 two programs, and grades servers under test.`,
};

/** Debian's names of architectures. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** Where each shell looks for the completions of a program, and under which name. */
const COMPLETIONS = [
  ["bash", (tool: Tool) => `usr/share/bash-completion/completions/${tool}`],
  ["zsh", (tool: Tool) => `usr/share/zsh/vendor-completions/_${tool}`],
  ["fish", (tool: Tool) => `usr/share/fish/vendor_completions.d/${tool}.fish`],
] as const;

/** @throws {Error} where dpkg-deb or a compiled tool is missing. */
export async function packDebs(source: Source): Promise<readonly string[]> {
  return [await packDeb("echo-client", source), await packDeb("echo-server", source)];
}

async function packDeb(tool: Tool, source: Source): Promise<string> {
  const { root, dist, out, version } = source;
  using staging = new Staging();
  const program = join(dist, tool);
  await staging.copyProgram(program, `usr/bin/${tool}`);
  for (const [shell, place] of COMPLETIONS) {
    await staging.write(place(tool), await output(program, ["completions", shell]));
  }
  for await (const { name } of Deno.readDir(join(root, "docs/man"))) {
    if (name !== `${tool}.1` && !name.startsWith(`${tool}-`)) continue;
    const page = await Deno.readFile(join(root, "docs/man", name));
    await staging.write(`usr/share/man/man1/${name}.gz`, gzipSync(page, { level: 9 }));
  }
  const changes = await Deno.readFile(join(root, "CHANGELOG.md"));
  await staging.write(`usr/share/doc/${tool}/changelog.gz`, gzipSync(changes, { level: 9 }));
  // What is in the binary, where `deno task compile` has written it.
  const sbom = await Deno.readFile(join(dist, "sbom.cdx.json")).catch(() => undefined);
  if (sbom !== undefined) await staging.write(`usr/share/doc/${tool}/sbom.cdx.json.gz`, gzipSync(sbom, { level: 9 }));
  await staging.write(`usr/share/doc/${tool}/copyright`, await copyright(root));
  if (tool === "echo-server") await addService(staging, root);
  await staging.write("DEBIAN/md5sums", await sums(staging.folder));
  await staging.write("DEBIAN/control", await control(tool, { folder: staging.folder, version }));
  const path = join(out, `${tool}_${version}_${architecture()}.deb`);
  // zstd -9 packs in 3 s what xz takes 87 s for, to 1.24 times the size.
  await output("dpkg-deb", ["--root-owner-group", "-Zzstd", "-z9", "--build", staging.folder, path]);
  return path;
}

/** The units, the configuration, the scripts that make and remove the user. */
async function addService(staging: Staging, root: string): Promise<void> {
  const units = join(root, "docs/examples/systemd");
  const service = await Deno.readTextFile(join(units, "echo-server.service"));
  await staging.write("usr/lib/systemd/system/echo-server.service", installed(service));
  const socket = await Deno.readTextFile(join(units, "echo-server.socket"));
  await staging.write("usr/lib/systemd/system/echo-server.socket", socket);
  const scripts = join(root, "tools/package/debian");
  await staging.write("etc/echo-server/config.toml", await Deno.readTextFile(join(scripts, "config.toml")));
  await staging.write("DEBIAN/conffiles", "/etc/echo-server/config.toml\n");
  for (const name of ["postinst", "prerm", "postrm"]) {
    await staging.write(`DEBIAN/${name}`, await Deno.readTextFile(join(scripts, name)), 0o755);
  }
}

/** The unit where it is installed by a package: another path, and a user that stays. */
function installed(service: string): string {
  return service
    .replace(/^# A hardened[^[]*/, "")
    .replace("/usr/local/bin/", "/usr/bin/")
    .replace("DynamicUser=yes", "User=echo-server");
}

async function control(
  tool: Tool,
  { folder, version }: { readonly folder: string; readonly version: string },
): Promise<string> {
  const size = (await output("du", ["-sk", "--exclude=DEBIAN", folder])).split("\t")[0] ?? "";
  const depends = `libc6 (>= 2.27), libgcc-s1${tool === "echo-server" ? ", adduser" : ""}`;
  return `Package: ${tool}
Version: ${version}
Architecture: ${architecture()}
Maintainer: Echo Lab <echo-lab@localhost>
Installed-Size: ${size}
Depends: ${depends}
Section: net
Priority: optional
Description: ${DESCRIPTIONS[tool]}
`;
}

async function copyright(root: string): Promise<string> {
  const license = (await Deno.readTextFile(join(root, "LICENSE"))).trim();
  const paragraphs = license.split("\n").map((line) => line === "" ? " ." : ` ${line}`).join("\n");
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: ${/Copyright.*/.exec(license)?.[0].replace("Copyright (c) ", "") ?? ""}
License: Expat
${paragraphs}
Comment: The program contains the runtime of Deno (MIT) and V8 (BSD-3-Clause).
`;
}

/** As `md5sum` writes them, for `dpkg --verify`. */
async function sums(folder: string): Promise<string> {
  return await output("sh", [
    "-c",
    "find . -path ./DEBIAN -prune -o -type f -printf '%P\\0' | sort -z | xargs -0 md5sum",
  ], { cwd: folder });
}

function architecture(): string {
  const name = ARCHITECTURES[Deno.build.arch];
  if (Deno.build.os !== "linux" || name === undefined) {
    throw new Error(`Cannot make .deb packages on ${Deno.build.target}: only on Linux, for amd64 and arm64`);
  }
  return name;
}
