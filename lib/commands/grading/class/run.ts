/**
 * The examination of a class: several submissions at once, each finding kept in a file until all are there, so that a run that
 * was interrupted can be gone on with.
 *
 * @module
 */
import { join } from "@std/path";
import { type ExaminationSettings, examineProgram } from "./examine.ts";
import { type Examined, SIDES, type Submission } from "./model.ts";

/** What to examine, and how. */
interface ClassRun {
  readonly submissions: readonly Submission[];
  readonly settings: ExaminationSettings;
  readonly jobs: number;
  /** Where findings are kept; `undefined`: nowhere. */
  readonly journal: string | undefined;
  /** Told of each submission once all of it has been examined. */
  readonly onDone: (submission: Submission, examined: readonly Examined[], isKnown: boolean) => void;
}

/** What was found, by the names of the submissions; what the signal came before is missing. */
export async function runClass(
  { submissions, settings, jobs, journal, onDone }: ClassRun,
): Promise<Map<string, readonly Examined[]>> {
  const found = new Map<string, readonly Examined[]>();
  const known = journal === undefined ? new Map<string, readonly Examined[]>() : readJournal(journal);
  const queue = [...submissions];
  const broken = new AbortController();
  const signal = AbortSignal.any([settings.signal, broken.signal]);
  const own = { ...settings, signal };
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !signal.aborted; next = queue.shift()) {
      const key = await fingerprint(next, settings);
      const before = known.get(key);
      const examined = before ?? await examineAll(next, own);
      if (before === undefined && signal.aborted) return;
      if (before === undefined && journal !== undefined) keep(journal, { key, examined });
      found.set(next.name, examined);
      onDone(next, examined, before !== undefined);
    }
  };
  // Where one cannot go on (no space for a copy), none goes on alone.
  const stop = (error: unknown): void => broken.abort(error);
  await Promise.all(Array.from({ length: jobs }, () => work().catch(stop)));
  broken.signal.throwIfAborted();
  if (journal !== undefined && found.size === submissions.length) forget(journal);
  return found;
}

async function examineAll(submission: Submission, settings: ExaminationSettings): Promise<Examined[]> {
  const examined: Examined[] = [];
  for (const side of SIDES) {
    if (submission.commands[side] === undefined || settings.signal.aborted) continue;
    examined.push(await examineProgram(submission, side, settings));
  }
  return examined;
}

/** What a finding depends on: the files, the commands, the options. */
async function fingerprint({ name, source, commands }: Submission, settings: ExaminationSettings): Promise<string> {
  const { options, isInPlace, timeout } = settings;
  const files: unknown[] = [];
  const visit = (path: string): void => {
    const { isDirectory, size, mtime } = Deno.lstatSync(path);
    files.push([path, isDirectory ? 0 : size, isDirectory ? 0 : mtime?.getTime()]);
    if (!isDirectory) return;
    for (const entry of [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1)) {
      visit(join(path, entry.name));
    }
  };
  if (!isInPlace) visit(source);
  const text = JSON.stringify([name, commands, options, timeout, files]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();
}

function readJournal(path: string): Map<string, readonly Examined[]> {
  const known = new Map<string, readonly Examined[]>();
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return known;
  }
  for (const line of text.split("\n")) {
    try {
      // Written below; a line that was cut off by a crash is not JSON.
      const { key, examined } = JSON.parse(line) as { key: string; examined: readonly Examined[] };
      known.set(key, examined);
    } catch {
      continue;
    }
  }
  return known;
}

function keep(path: string, line: unknown): void {
  try {
    Deno.writeTextFileSync(path, `${JSON.stringify(line)}\n`, { append: true, mode: 0o600 });
  } catch {
    // The folder cannot be written: an interrupted run begins anew then.
  }
}

/** Forgets what a run before has found. */
export function forget(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made.
  }
}
