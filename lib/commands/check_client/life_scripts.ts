/**
 * Checks of a connection's life: many messages, a server that leaves, a client that comes back, and the end.
 *
 * @module
 */
import { failed, type MessageKey, type Outcome, type Part, passed, skipped } from "./outcome.ts";
import { ActiveTimeout } from "../../base/active_timeout.ts";
import { type ClientHarness, NoClient } from "./client_harness.ts";
import type { ClientVisit } from "./client_visit.ts";

/** Messages of a conversation that the grader types, and of one that a person does. */
const MANY = 100;
const A_FEW = 3;

/** So long messages of a client that takes its time are asked for, in ms, and so many in any case. */
const PATIENT = 5000;
const ENOUGH = 5;

/** How long a client that was reset may take to come back by itself, in ms. */
const COMES_BACK = 300;

/** How long a client may take to see an end, in ms; one that waits for its keyboard sees it later. */
const SEES_END = 300;

/** A conversation, message by message. */
export async function manyMessages(harness: ClientHarness): Promise<Outcome> {
  const count = harness.hasCommand ? MANY : A_FEW;
  const visit = await harness.open("many-messages", "message 1");
  const [sent, received]: [Part[], Part[]] = [[], []];
  const end = performance.now() + PATIENT;
  for (let number = 1; number <= count && (number <= ENOUGH || performance.now() < end); number++) {
    const message = number === 1 ? await visit.receive("message 1") : await visit.ask(`message ${number}`);
    if (message.kind !== "whole") {
      const isOver = message.kind === "over" && visit.client?.crash === undefined;
      // It has been told the second message already.
      const comesBack = isOver && number === 2 && harness.hasCommand && await harness.hasArrival(COMES_BACK);
      const diagnosis = isOver && number === 2
        ? { key: comesBack ? "one_connection" : "one_message" } as const
        : { key: "many_messages", values: { number, count } } as const;
      return failed(diagnosis, {
        sent: sent.slice(-1),
        received: [...received.slice(-1), ...visit.instead(message)],
      });
    }
    received.push(message.wire);
    sent.push(await visit.reply(message.payload));
  }
  await visit.finish();
  return passed({ sent: sent.slice(-1), received: received.slice(-1) });
}

/** The server closes after a reply, and, where there are frames, inside one. */
export async function serverLeaves(harness: ClientHarness): Promise<Outcome> {
  const whole = await leave(harness, { isCut: false });
  if (whole.status !== "passed" || harness.framing?.hasBoundaries !== true) return whole;
  return await leave(harness, { isCut: true });
}

async function leave(harness: ClientHarness, { isCut }: { readonly isCut: boolean }): Promise<Outcome> {
  const visit = await harness.open("server-leaves", "before the end", { isAgain: isCut });
  const message = await visit.receive("before the end");
  if (message.kind !== "whole") return skipped("skipped_not_sent");
  const isUnasked = !isCut && harness.isFixed && await visit.client?.awaitsReply() === true;
  const wire = visit.frame(message.payload);
  const part = isCut ? wire.subarray(0, wire.length - Math.ceil(message.payload.length / 2)) : wire;
  await visit.connection.peer.send(part, harness.options.wait);
  if (isUnasked && await visit.speaksAgain()) return await leaveUnasked(harness, visit, [part, "half_closed"]);
  if (!isCut) await visit.printed(message.text, harness.prints.ascii);
  const sent: Part[] = [part, visit.client === undefined ? "half_closed" : "closed"];
  if (visit.client === undefined) await visit.connection.peer.halfClose();
  else visit.connection[Symbol.dispose]();
  const before = visit.client?.stdout.text ?? "";
  // Who sees the end by itself is not told more: whether that were sent would be a matter of who is quicker.
  await visit.client?.endsWithin(SEES_END);
  if (!isCut && await visit.client?.isBusy() && !await harness.hasArrival(0)) {
    return failed({ key: "leaves_spins" }, { sent, received: ["busy"] });
  }
  visit.client?.type("after the end");
  visit.client?.type("still after the end");
  if (!isCut && await asksOnUnaware(harness, visit, before)) {
    return failed({ key: "leaves_unnoticed" }, { sent, received: ["runs"] });
  }
  return await ending(harness, visit, { sent, of: isCut ? "cut" : "leaves" });
}

/** Words of a client that has seen the end. */
const SEEN =
  /серв|соедин|связ|обрыв|оборв|разорв|закр|потер|отключ|недоступ|ошибк|конец|server|conn|clos|lost|left|reset|broken|error|errno|gone|end/i;

/** How long a client may take to do what two lines make it do, in ms. */
const TWO_LINES = 1000;

/** Whether a client takes line after line once the server has left, and has not said a word that it had not said before. */
async function asksOnUnaware(harness: ClientHarness, { client }: ClientVisit, before: string): Promise<boolean> {
  const { leads, collectsUntil, isSingle, isFixed } = harness;
  const isPlain = leads.first === undefined && leads.next === undefined && collectsUntil === undefined && !isSingle;
  if (client === undefined || !isPlain || isFixed) return false;
  const patience = new ActiveTimeout(TWO_LINES);
  const asks = async (): Promise<boolean> => await client.readsInput() || await client.awaitsEvents();
  while (!(await asks() && await client.isAtRest())) {
    if (client.hasEnded || !await patience.settles(client.endsWithin(LOOK))) return false;
  }
  const known = new Set(before.split(/\s+/));
  const said = (await client.allPrinted(LOOK)).slice(before.length) + client.stderr.text;
  const news = said.split(/\s+/).filter((word) => !known.has(word));
  return !client.hasEnded && !SEEN.test(news.join(" ")) && !await harness.hasArrival(0);
}

/** Between two looks, in ms. */
const LOOK = 20;

/**
 * The end of a client with texts of its own, whose next one waits for its reply already: what it sends once it has seen the
 * end shows that it did not look. Whether it also dies of that depends on how soon the system's reset overtakes its last text.
 */
async function leaveUnasked(harness: ClientHarness, visit: ClientVisit, sent: Part[]): Promise<Outcome> {
  const { peer } = visit.connection;
  await peer.halfClose();
  const more = (await peer.receive((bytes) => bytes.length > 0, harness.wait)).slice();
  if (more.length === 0) return await ending(harness, visit, { sent, of: "leaves" });
  return failed({ key: "leaves_sends_on" }, { sent, received: [more] });
}

/** The whole conversation, then the server's end. */
export async function noHang(harness: ClientHarness): Promise<Outcome> {
  const visit = await harness.open("no-hang", "the last but one");
  for (const [at, text] of ["the last but one", "the last"].entries()) {
    if (at > 0 && (harness.isSingle || visit.client === undefined)) break;
    const message = at === 0 ? await visit.receive(text) : await visit.ask(text);
    if (message.kind !== "whole") return skipped("skipped_not_sent");
    await visit.reply(message.payload);
    await visit.printed(message.text, harness.prints.ascii);
  }
  return await ending(harness, visit, { sent: ["half_closed"], of: "end" });
}

/** Whether the client ends, quietly. */
async function ending(
  harness: ClientHarness,
  visit: ClientVisit,
  { sent, of }: { readonly sent: Part[]; readonly of: "leaves" | "cut" | "end" },
): Promise<Outcome> {
  const keys: Readonly<Record<"hangs" | "spins" | "crashes", MessageKey>> = {
    hangs: `${of}_hangs`,
    spins: `${of}_spins`,
    crashes: `${of}_crashes`,
  };
  // A client that comes back has noticed. Who prints without end notices nothing.
  const pause = visit.client?.stdout.hasOverflowed ? 0 : COMES_BACK;
  const comesBack = of !== "end" && harness.hasCommand && await harness.hasArrival(pause);
  const hasEnded = !comesBack && await visit.finish(harness.wait);
  if (!hasEnded) {
    if (comesBack || of !== "end" && await harness.hasArrival(0)) return passed({ sent, received: ["left"] });
    const isBusy = await visit.client?.isBusy() ?? false;
    return failed({ key: isBusy ? keys.spins : keys.hangs }, { sent, received: [isBusy ? "busy" : "runs"] });
  }
  const fate = visit.fate();
  if (fate.length > 0) {
    return failed({ key: keys.crashes, values: { error: visit.client?.crash ?? "" } }, { sent, received: fate });
  }
  return passed({ sent, received: [visit.client === undefined ? "left" : "ended"] });
}

/** After a reset the client comes back, or can be started again. */
export async function reconnects(harness: ClientHarness): Promise<Outcome> {
  const sent: Part[] = [];
  try {
    // Checks before this one had their connections: one that does not come now is none that comes again.
    const reset = await harness.open("reconnects", "before the reset");
    await reset.connection.peer.reset(harness.options.wait);
    sent.push("reset");
    if (harness.hasCommand && await harness.hasArrival(COMES_BACK)) return passed({ sent, received: ["left"] });
    const visit = await harness.open("reconnects", "after the reset", { isAgain: true });
    const message = await visit.receive("after the reset");
    if (message.kind !== "whole") return failed({ key: "not_again" }, { sent, received: visit.instead(message) });
    sent.push(await visit.reply(message.payload));
    await visit.finish();
    return passed({ sent, received: [message.wire] });
  } catch (error) {
    if (!(error instanceof NoClient)) throw error;
    if (!harness.hasCommand) return skipped("skipped_no_second");
    return failed({ key: "not_again" }, {
      sent,
      received: error.words === "" ? ["silence"] : [{ crash: error.words }],
    });
  }
}
