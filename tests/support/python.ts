/**
 * The Python interpreter, for what Deno cannot do: terminals, datagram Unix sockets, other people's clients.
 *
 * @module
 */

let found: string | undefined;

/**
 * Path of the interpreter itself: what `python3` names may be a script that looks for it, and takes ten times as long to
 * start.
 */
export function python(): string {
  if (found !== undefined) return found;
  const args = ["-S", "-c", "import sys; print(sys.executable, end='')"];
  return found = new TextDecoder().decode(new Deno.Command("python3", { args }).outputSync().stdout);
}
