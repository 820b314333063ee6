/**
 * Files of a package, and the programs that pack them.
 *
 * @module
 */
import { dirname, join } from "@std/path";

/** A folder that is filled and then packed; disposing of it removes it. */
export class Staging implements Disposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "echo-package-" });

  /** Writes a file, with the folders on its way. */
  async write(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const target = join(this.folder, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await (typeof content === "string" ? Deno.writeTextFile(target, content) : Deno.writeFile(target, content));
    await Deno.chmod(target, mode);
  }

  /** Copies a file that everybody may run. */
  async copyProgram(from: string, path: string): Promise<void> {
    const target = join(this.folder, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.copyFile(from, target);
    await Deno.chmod(target, 0o755);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/**
 * What a program prints.
 *
 * @throws {Error} with what it said, where it fails or is not installed.
 */
export async function output(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { LC_ALL: "C" },
    ...options,
  }).output();
  if (!success) throw new Error(`Cannot run ${program} ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}
