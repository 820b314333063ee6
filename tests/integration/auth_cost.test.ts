// What log-ins cost: the same time whether a name is known or not, and little of the server's CPU through SCRAM.
import { assertEquals, assertLess } from "@std/assert";
import { ACCOUNT_GUESSES } from "../../lib/base/limits.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { AuthClient, codeOf, cpuOf, INCORRECT, logIn, PASSWORD, prove, startAuth, VERIFIER } from "../support/auth.ts";
import { hasProc } from "../support/net.ts";

const WRONG = "not the password";
const MANY_TRIES = ["--max-attempts", "1000"];
/** Largest difference between two times, as a share of the smaller one. */
const TOLERANCE = 0.1;
/** Other programs disturb short times: a difference that is real shows in each of these rounds. */
const ROUNDS = 3;

/**
 * Measures both in turn, `tries` times each; how far their times are apart, as a share of the smaller one. Compared is the
 * time that a tenth of the tries does not exceed: those that other programs have not disturbed, on a busy machine as well.
 */
async function difference(
  tries: number,
  [one, other]: readonly [() => Promise<number>, () => Promise<number>],
): Promise<number> {
  const times: [number[], number[]] = [[], []];
  for (let number = 0; number < tries; number++) {
    // Neither is always the first.
    const order = number % 2 === 0 ? [0, 1] as const : [1, 0] as const;
    for (const which of order) times[which].push(await (which === 0 ? one() : other()));
  }
  const [a = NaN, b = NaN] = times.map((all) => all.toSorted((one, other) => one - other)[Math.floor(tries / 10)]);
  return Math.abs(a - b) / Math.min(a, b);
}

/** Names for many failures: guesses at one account wait after {@linkcode ACCOUNT_GUESSES}. */
function* namesOf(name: string): Generator<string, never> {
  for (let count = 0;; count++) yield `${name}${Math.floor(count / ACCOUNT_GUESSES)}`;
}

/** All names that a test of so many failures uses. */
function allNamesOf(name: string, failures: number): string[] {
  return Array.from({ length: Math.ceil(failures / ACCOUNT_GUESSES) }, (_, number) => `${name}${number}`);
}

/** The least difference of up to {@linkcode ROUNDS} rounds. */
async function leastDifference(tries: number, pair: Parameters<typeof difference>[1]): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS && least >= TOLERANCE; round++) {
    least = Math.min(least, await difference(tries, pair));
  }
  return least;
}

Deno.test("echo-server takes as long to refuse an unknown name as a wrong password when the client comes by SCRAM", async () => {
  await using server = await startAuth(allNamesOf("anna", 20 + ROUNDS * 50), { verifier: VERIFIER, args: MANY_TRIES });
  await using client = await AuthClient.to(server.port);
  /** Both waits for the server, without what the client computes between them. */
  const refusal = async (name: string): Promise<number> => {
    const began = performance.now();
    const challenge = await client.challenge(name);
    const asked = performance.now();
    const { message } = await prove(challenge, WRONG);
    const proved = performance.now();
    assertEquals(await client.say(message), INCORRECT);
    return asked - began + performance.now() - proved;
  };
  const [known, unknown] = [namesOf("anna"), namesOf("nobody")];
  const pair = [() => refusal(known.next().value), () => refusal(unknown.next().value)] as const;
  await difference(20, pair); // until both sides are compiled
  assertLess(await leastDifference(50, pair), TOLERANCE);
});

Deno.test("echo-server takes as long to refuse a disabled user as a wrong password in the plain dialogue", async () => {
  await using server = await startAuth([...allNamesOf("anna", ROUNDS * 9), ...allNamesOf("dora", ROUNDS * 9)], {
    verifier: VERIFIER,
    args: MANY_TRIES,
  });
  {
    await using store = await openSqliteStore(server.data);
    for (const name of allNamesOf("dora", ROUNDS * 9)) await store.setDisabled(name, true);
  }
  await using client = await AuthClient.to(server.port);
  const refusal = async (name: string, password: string): Promise<number> => {
    await client.say(name);
    const began = performance.now();
    assertEquals(await client.say(password), INCORRECT);
    return performance.now() - began;
  };
  const [known, disabled] = [namesOf("anna"), namesOf("dora")];
  const pair = [() => refusal(known.next().value, WRONG), () => refusal(disabled.next().value, PASSWORD)] as const;
  assertLess(await leastDifference(9, pair), TOLERANCE);
});

Deno.test({
  name: "echo-server spends less CPU on 200 SCRAM log-ins than on 20 with plain passwords",
  ignore: !hasProc,
  fn: async () => {
    await using server = await startAuth(["anna"], { verifier: VERIFIER });
    const cost = async (count: number, enter: () => Promise<string>): Promise<number> => {
      const before = cpuOf(server.pid);
      for (let number = 0; number < count; number++) assertEquals(codeOf(await enter()), "235");
      return cpuOf(server.pid) - before;
    };
    const plainly = async (): Promise<string> => {
      await using client = await AuthClient.to(server.port);
      return await client.sayAll("anna", PASSWORD);
    };
    assertLess(await cost(200, () => logIn(server.port, "anna")), await cost(20, plainly));
  },
});
