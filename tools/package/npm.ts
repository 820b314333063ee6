/**
 * Packages for npm: one of a few lines that has the commands, and one with the binaries for each platform, of which npm
 * installs the fitting one. No script runs at installation, and nothing is downloaded but packages.
 *
 * @module
 */
import { join } from "@std/path";
import type { Source } from "../package.ts";
import { output, Staging } from "./files.ts";

/** The package that people install. */
const NAME = "@echo-lab/tools";
const TOOLS = ["echo-server", "echo-client"] as const;

/** What a release has, by the compiler's target: npm's words for system and processor. */
const PLATFORMS: Readonly<Record<string, { readonly os: string; readonly cpu: string; readonly libc?: string }>> = {
  "x86_64-unknown-linux-gnu": { os: "linux", cpu: "x64", libc: "glibc" },
  "aarch64-unknown-linux-gnu": { os: "linux", cpu: "arm64", libc: "glibc" },
  "x86_64-apple-darwin": { os: "darwin", cpu: "x64" },
  "aarch64-apple-darwin": { os: "darwin", cpu: "arm64" },
  "x86_64-pc-windows-msvc": { os: "win32", cpu: "x64" },
};

/** The package of this platform and the one above it: two tarballs. */
export async function packNpm(source: Source): Promise<readonly string[]> {
  const platform = PLATFORMS[Deno.build.target];
  if (platform === undefined) throw new Error(`Cannot make a package for ${Deno.build.target}`);
  return [await packPlatform(source, platform), await packRoot(source)];
}

async function packPlatform(source: Source, { os, cpu, libc }: (typeof PLATFORMS)[string]): Promise<string> {
  using staging = new Staging();
  const suffix = os === "win32" ? ".exe" : "";
  for (const tool of TOOLS) await staging.copyProgram(join(source.dist, tool + suffix), `bin/${tool}${suffix}`);
  return await pack(staging, source, {
    ...described(source, `${NAME}-${os}-${cpu}`, `echo-server and echo-client for ${os} ${cpu}`),
    ...{ os: [os], cpu: [cpu] },
    ...(libc === undefined ? {} : { libc: [libc] }),
  });
}

async function packRoot(source: Source): Promise<string> {
  using staging = new Staging();
  const launcher = await Deno.readTextFile(join(source.root, "tools/package/launcher.cjs"));
  for (const tool of TOOLS) await staging.write(`bin/${tool}.cjs`, launcher, 0o755);
  for (const name of ["README.md", "README.ru.md"]) {
    await staging.write(name, await Deno.readTextFile(join(source.root, name)));
  }
  const names = Object.values(PLATFORMS).map(({ os, cpu }) => `${NAME}-${os}-${cpu}`);
  return await pack(staging, source, {
    ...described(source, NAME, "Framed TCP echo: server, client, benchmark, graders"),
    bin: Object.fromEntries(TOOLS.map((tool) => [tool, `bin/${tool}.cjs`])),
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(names.map((name) => [name, source.version])),
  });
}

function described({ version }: Source, name: string, description: string): Readonly<Record<string, unknown>> {
  return { name, version, description, license: "MIT", files: ["bin"], preferUnplugged: true };
}

/** Packs with npm itself; the path of the tarball. */
async function pack(
  staging: Staging,
  { root, out }: Source,
  manifest: Readonly<Record<string, unknown>>,
): Promise<string> {
  await staging.write("package.json", `${JSON.stringify(manifest, undefined, 2)}\n`);
  await staging.write("LICENSE", await Deno.readTextFile(join(root, "LICENSE")));
  const told = await output("npm", ["pack", "--json", "--pack-destination", out], { cwd: staging.folder });
  const [{ filename }] = JSON.parse(told);
  return join(out, filename);
}
