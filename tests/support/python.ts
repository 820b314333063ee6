/**
 * The Python interpreter, for what Deno cannot do: terminals, datagram Unix sockets, other people's clients.
 *
 * @module
 */
import { isInstalled } from "./programs.ts";

/** Whether tests can use Python. */
export const hasPython = Deno.build.os !== "windows" && isInstalled("python3");

let found: string | undefined;

/**
 * Path of the interpreter itself: what `python3` names may be a script that looks for it, and takes ten times as long to
 * start.
 */
export function python(): string {
  if (found !== undefined) return found;
  const args = ["-S", "-c", "import sys; print(sys.executable, end='')"];
  const { success, stdout } = new Deno.Command("python3", { args }).outputSync();
  if (!success) throw new Error("Cannot use python3: it does not tell where its interpreter is");
  return found = new TextDecoder().decode(stdout);
}
