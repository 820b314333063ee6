import { assert, assertEquals } from "@std/assert";
import { skipKind } from "../../../../lib/commands/grading/skip_kinds.ts";
import { CLIENT_CHECK_IDS } from "../../../../lib/commands/check_client/outcome.ts";
import { TEXTS as CLIENT_TEXTS } from "../../../../lib/commands/check_client/texts.ts";
import { CHECK_IDS } from "../../../../lib/commands/check_server/ids.ts";
import { TEXTS as SERVER_TEXTS } from "../../../../lib/commands/check_server/texts.ts";

/** What is not known is a reason of its own, not the want of one. */
const UNKNOWN =
  /_(?:time|dialogue_lost|token_use|changed|no_restart|no_second|length_line|own_form|length_colon|packed|wants_json|unknown_header)$/;

Deno.test("skipKind() has a kind for each reason of both graders", async () => {
  const keys = [...Object.keys(await SERVER_TEXTS.en()), ...Object.keys(await CLIENT_TEXTS.en())];
  const reasons = keys.filter((key) => /^check\.say\.skip_|^server_check\.likely\.skipped_/.test(key));
  assert(reasons.length > 30);
  assertEquals(reasons.filter((key) => skipKind(key) === "unknown" && !UNKNOWN.test(key)), []);
});

Deno.test("Each check of both graders has something to try by hand, in both languages", async () => {
  for (const language of ["en", "ru"] as const) {
    const [server, client] = [await SERVER_TEXTS[language](), await CLIENT_TEXTS[language]()];
    for (const id of CHECK_IDS) assert((server[`check.try.${id}`] ?? "").length > 10, id);
    for (const id of CLIENT_CHECK_IDS) assert((client[`server_check.try.${id}`] ?? "").length > 10, id);
  }
});
