import { assertEquals } from "@std/assert";
import { EchoMatcher } from "../../../lib/client/echo_matcher.ts";
import { bytesOf } from "../../support/framing_vectors.ts";

const framed = { hasBoundaries: true };
const raw = { hasBoundaries: false };

Deno.test("EchoMatcher.feed() sets echoes against messages in order, with their times", () => {
  const matcher = new EchoMatcher(framed);
  matcher.expect(bytesOf("one"), 10);
  matcher.expect(bytesOf("two"), 11);
  assertEquals([matcher.pendingCount, matcher.pendingBytes], [2, 6]);
  const { echoes: [first] } = matcher.feed(bytesOf("one"), 15);
  const { echoes: [second] } = matcher.feed(bytesOf("two"), 21);
  assertEquals([first?.number, first?.rttMs, first?.differsAt], [1, 5, -1]);
  assertEquals([second?.number, second?.rttMs, second?.differsAt], [2, 10, -1]);
  assertEquals([matcher.pendingCount, matcher.pendingBytes], [0, 0]);
});

for (
  const [sent, received, differsAt] of [
    ["hello", "hello", -1],
    ["hello", "hellO", 4],
    ["hello", "Hello", 0],
    ["hello", "hell", 4],
    ["hello", "hello!", 5],
    ["hello", "", 0],
    ["", "", -1],
    ["", "x", 0],
  ] as const
) {
  Deno.test(`EchoMatcher.feed() finds ${JSON.stringify(received)} for ${JSON.stringify(sent)} to differ at ${differsAt}`, () => {
    const matcher = new EchoMatcher(framed);
    matcher.expect(bytesOf(sent), 0);
    const { echoes, unexpected } = matcher.feed(bytesOf(received), 0);
    assertEquals([echoes[0]?.differsAt, unexpected.length], [differsAt, 0]);
  });
}

Deno.test("EchoMatcher.feed() hands back what answers nothing", () => {
  assertEquals(new EchoMatcher(framed).feed(bytesOf("hi"), 0), { echoes: [], unexpected: bytesOf("hi") });
  assertEquals(new EchoMatcher(raw).feed(bytesOf("hi"), 0), { echoes: [], unexpected: bytesOf("hi") });
});

Deno.test("EchoMatcher.feed() without boundaries counts bytes, however they come", () => {
  const matcher = new EchoMatcher(raw);
  for (const text of ["one", "", "three"]) matcher.expect(bytesOf(text), 0);
  const numbers = Array.from("onethree", (char) => matcher.feed(bytesOf(char), 1).echoes.map(({ number }) => number));
  assertEquals(numbers, [[], [], [1, 2], [], [], [], [], [3]]);
  matcher.expect(bytesOf("ab"), 2);
  const { echoes, unexpected } = matcher.feed(bytesOf("abc"), 3);
  assertEquals([echoes[0]?.received, unexpected], [bytesOf("ab"), bytesOf("c")]);
});

Deno.test("EchoMatcher.restart() forgets half an echo and keeps the messages", () => {
  const matcher = new EchoMatcher(raw);
  matcher.expect(bytesOf("hello"), 0);
  matcher.feed(bytesOf("hel"), 1);
  matcher.restart(100);
  assertEquals(matcher.pending, [bytesOf("hello")]);
  const { echoes: [echo] } = matcher.feed(bytesOf("hello"), 107);
  assertEquals([echo?.differsAt, echo?.rttMs], [-1, 7]);
});

Deno.test("EchoMatcher.withdraw() takes the last message back", () => {
  const matcher = new EchoMatcher(framed);
  matcher.expect(bytesOf("one"), 0);
  matcher.expect(bytesOf("never sent"), 0);
  matcher.withdraw();
  assertEquals([matcher.pending, matcher.pendingBytes], [[bytesOf("one")], 3]);
});
