/** @module */
import type { Recording } from "./explain_recording.ts";
import type { Translate } from "./messages.ts";
export async function explainPage(
  recording: Recording,
  _o: { target: string; showsSecrets: boolean; t: Translate },
): Promise<string> {
  return await Promise.resolve(String(recording.all));
}
