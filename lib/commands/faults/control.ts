/**
 * Changing the faults of a command while it runs: by a line on its standard input, or by SIGHUP.
 *
 * @module
 */
import { byteLines } from "../../client/lines.ts";
import type { OpenFaults } from "./open.ts";

/** Longest line that is read, in bytes. */
const LONGEST_LINE = 64 * 1024;

/** What changes do. */
interface ControlOptions {
  /** Reads the file again. */
  readonly reload: () => Promise<void>;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

/** Listens until it is disposed of. A process in the background does not read from its terminal: that would stop it. */
export function controlFaults(faults: OpenFaults, { reload, onChange, onError }: ControlOptions): Disposable {
  const change = async (work: () => Promise<boolean>): Promise<void> => {
    try {
      if (await work()) onChange();
    } catch (error) {
      onError(error);
    }
  };
  const onHangup = (): void => void change(async () => (await reload(), true));
  const hasSignals = Deno.build.os !== "windows";
  if (hasSignals) Deno.addSignalListener("SIGHUP", onHangup);
  let isOver = false;
  const readLines = async (): Promise<void> => {
    for await (const line of byteLines(Deno.stdin.readable, LONGEST_LINE)) {
      if (!isOver) await change(() => faults.type(new TextDecoder().decode(line)));
    }
  };
  if (!Deno.stdin.isTerminal() || isInForeground()) void readLines().catch(onError);
  return {
    [Symbol.dispose]: () => {
      if (hasSignals) Deno.removeSignalListener("SIGHUP", onHangup);
      isOver = true;
    },
  };
}

/** Whether the terminal's input is this process's (tcgetpgrp(3)); where that cannot be told, it is not read. */
function isInForeground(): boolean {
  if (Deno.build.os === "windows") return true;
  try {
    const library = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6", {
      tcgetpgrp: { parameters: ["i32"], result: "i32" },
      getpgrp: { parameters: [], result: "i32" },
    });
    const isOurs = library.symbols.tcgetpgrp(0) === library.symbols.getpgrp();
    library.close();
    return isOurs;
  } catch {
    return false;
  }
}
