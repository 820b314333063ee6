import { assertEquals } from "@std/assert";
import { packingsFor } from "../../../../lib/commands/check_server/packing.ts";

/** What Python's `pickle.dumps({"ok": False, "text": "Неверно", "n": 7})` gives. */
const PICKLED =
  "80049529000000000000007d94288c026f6b94898c0474657874948c0ed09dd0b5d0b2d0b5d180d0bdd0be948c016e944b07752e";

Deno.test("packingsFor() takes an error's word for what was expected", () => {
  const names = (words: string): string[] => packingsFor(words).packings.map(({ name }) => name);
  assertEquals(names("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"), ["JSON"]);
  assertEquals(names("TypeError: 'int' object is not subscriptable"), ["JSON"]);
  assertEquals(names("_pickle.UnpicklingError: invalid load key, '1'."), ["pickle"]);
  assertEquals(names("login, password = data.split(':')\nValueError: not enough values to unpack"), ["line", "line"]);
  assertEquals(packingsFor("ValueError: invalid literal for int()").isTold, false);
});

Deno.test("A packing reads what a reply says, field by field", () => {
  const [json] = packingsFor("json").packings;
  const read = (text: string): string | undefined => json?.read(new TextEncoder().encode(text));
  assertEquals(read('{"ok": false, "error": {"text": "\\u043d\\u0435\\u0442"}}\n'), "ok: false; text: нет");
  assertEquals(read("{'status': 'fail', 'code': 403}"), "status: fail; code: 403");
  const [pickle] = packingsFor("pickle").packings;
  assertEquals(pickle?.read(Uint8Array.fromHex(PICKLED)), "ok: false; text: Неверно; n: 7; ");
  // A server may send without end: the time does not grow with that.
  assertEquals(read(" ".repeat(500_000)), "");
});

Deno.test("A packed message has a name and a password in each of the likely fields", () => {
  const [json] = packingsFor("json").packings;
  const packed = json?.pack({ action: "login", name: "Анна", password: "secret" });
  const fields = JSON.parse(new TextDecoder().decode(packed));
  assertEquals([fields.cmd, fields.username, fields.pass, fields.text], ["login", "Анна", "secret", undefined]);
});
