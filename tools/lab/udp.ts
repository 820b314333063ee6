/**
 * `deno task lab:udp`: what a network may do to datagrams, and what TCP makes of the same. A relay between sender and
 * receiver loses, holds back and doubles; a seed decides, so that the picture is the same each time.
 *
 * @module
 */
import { oneOf, randomFrom } from "../../tests/support/random.ts";
import { column, connectedEnds, draw, heading, speaker, writeAll } from "./lab.ts";

const say = speaker({
  en: {
    udp: "UDP: twelve datagrams through a relay that loses, holds back and doubles (seed {seed})",
    buffer: "The receiver reads each with a buffer of {size} bytes.",
    sender: "sender",
    relay: "relay",
    receiver: "receiver",
    lost: "✗ lost",
    held: "┐ held back",
    cut: '"{text}"  ← cut, bytes gone: {rest}',
    udpSum: "UDP: sent {sent}, arrived {arrived}: lost {lost}, out of order {late}, twice {twice}, cut {cut}.",
    nobody: "Neither side was told.",
    tcp: "TCP: the same twelve messages, one write each, through a relay of connections",
    tcpWhy: "It can only cut anew and delay: what the network below loses or swaps, TCP repeats and sorts.",
    pieces: "sent by the relay in pieces of {pieces} bytes; read with the same buffer:",
    tcpSum:
      "TCP: sent {sent} bytes, arrived {arrived}, in order: {isSame}. Reads: {reads}; messages can no longer be seen.",
    yes: "yes, every byte",
    no: "no",
    repair: "What TCP does underneath: the lossy relay again, now with numbers, acknowledgements and repetition",
    round: "round {round}: sent {sent}, arrived {arrived}, not acknowledged {missing}",
    repairSum: "Sorted by number, doubles dropped: {all} of {sent}, in order.",
  },
  ru: {
    udp: "UDP: двенадцать датаграмм через посредника, который теряет, задерживает и удваивает (seed {seed})",
    buffer: "Получатель читает каждую в буфер на {size} байт.",
    sender: "отправитель",
    relay: "посредник",
    receiver: "получатель",
    lost: "✗ потеряна",
    held: "┐ задержана",
    cut: '"{text}"  ← обрезана, пропало байт: {rest}',
    udpSum:
      "UDP: отправлено {sent}, пришло {arrived}: потеряно {lost}, не по порядку {late}, дважды {twice}, обрезано {cut}.",
    nobody: "Ни одной стороне об этом не сообщили.",
    tcp: "TCP: те же двенадцать сообщений, по одному write на каждое, через посредника между соединениями",
    tcpWhy:
      "Он может лишь резать по-своему и задерживать: что сеть под ним теряет и путает, TCP повторяет и упорядочивает.",
    pieces: "посредник отправил кусками по {pieces} байт; читаем в тот же буфер:",
    tcpSum:
      "TCP: отправлено {sent} байт, пришло {arrived}, по порядку: {isSame}. Чтений: {reads}; границ сообщений не видно.",
    yes: "да, все до единого",
    no: "нет",
    repair: "Что TCP делает внутри: снова ненадёжный посредник, но с номерами, подтверждениями и повтором",
    round: "раунд {round}: отправлено {sent}, пришло {arrived}, не подтверждено {missing}",
    repairSum: "По номерам, без повторов: {all} из {sent}, по порядку.",
  },
});

/** RFC 768 is UDP. */
const SEED = 768;
/** What the receiver reads with, in bytes: enough for every message but one. */
const BUFFER = 16;
/** How many later datagrams overtake one that is held back. */
const HELD = 2;
const WIDTH = 14;

const MESSAGES = Array.from({ length: 12 }, (_, at) => {
  const text = `datagram ${String(at + 1).padStart(2, "0")}`;
  return at === 6 ? `${text} is longer than the buffer` : text;
});

type Fate = "pass" | "lose" | "hold" | "double";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function open(): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
}

/** Sender, relay and receiver, each with a socket of its own. */
class Network implements Disposable {
  readonly #sockets = { sender: open(), relay: open(), receiver: open() };
  readonly #random = randomFrom(SEED);
  #held: { readonly bytes: Uint8Array; after: number }[] = [];

  /** Sends a datagram to the relay; returns its fate there and what arrived now, this one or others. */
  async pass(bytes: Uint8Array): Promise<{ fate: Fate; arrived: Uint8Array[] }> {
    const { sender, relay } = this.#sockets;
    await sender.send(bytes, relay.addr);
    const [copy] = await relay.receive(new Uint8Array(2048));
    const fate = oneOf<Fate>(this.#random, ["pass", "pass", "pass", "lose", "hold", "double"]);
    for (const one of this.#held) one.after--;
    const due = this.#held.filter(({ after }) => after === 0).map((one) => one.bytes);
    this.#held = this.#held.filter(({ after }) => after > 0);
    if (fate === "hold") this.#held.push({ bytes: copy.slice(), after: HELD });
    const copies = fate === "pass" ? 1 : fate === "double" ? 2 : 0;
    return { fate, arrived: await this.#deliver([...Array<Uint8Array>(copies).fill(copy), ...due]) };
  }

  /** What was held back to the end. */
  async flush(): Promise<Uint8Array[]> {
    return await this.#deliver(this.#held.splice(0).map(({ bytes }) => bytes));
  }

  [Symbol.dispose](): void {
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  async #deliver(datagrams: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const { relay, receiver } = this.#sockets;
    const arrived: Uint8Array[] = [];
    for (const datagram of datagrams) {
      await relay.send(datagram, receiver.addr);
      // A datagram that is longer than the buffer is cut without a word.
      arrived.push((await receiver.receive(new Uint8Array(BUFFER)))[0]);
    }
    return arrived;
  }
}

async function showUdp(): Promise<void> {
  heading(say("udp", { seed: SEED }));
  draw(say("buffer", { size: BUFFER }));
  draw(`\n  ${column(say("sender"), WIDTH)}${column(say("relay"), WIDTH + 4)}${say("receiver")}`);
  using network = new Network();
  const seen: string[] = [];
  const show = (left: string, arrived: readonly Uint8Array[], stub: string): void => {
    arrived.forEach((bytes, at) => {
      const text = decode(bytes);
      const rest = (MESSAGES.find((message) => message.startsWith(text))?.length ?? 0) - bytes.length;
      const shown = rest > 0 ? say("cut", { text, rest }) : `"${text}"`;
      const isStraight = at === 0 && stub === "";
      draw(`  ${at === 0 ? left : column("", WIDTH)}${isStraight ? "────" : "   └"}${"─".repeat(WIDTH - 1)}▶ ${shown}`);
      seen.push(text);
    });
  };
  for (const [at, message] of MESSAGES.entries()) {
    const left = `${String(at + 1).padStart(2)} ${"─".repeat(WIDTH - 4)} `;
    const { fate, arrived } = await network.pass(encode(message));
    if (fate === "lose" || fate === "hold") {
      draw(`  ${left}${fate === "lose" ? `── ${say("lost")}` : `───${say("held")}`}`);
      show(column("", WIDTH), arrived, "held");
    } else show(left, arrived, "");
  }
  show(column("", WIDTH), await network.flush(), "held");
  const numbers = seen.map((text) => Number(text.slice(9, 11)));
  const late = numbers.filter((number, at) => numbers.slice(0, at).some((earlier) => earlier > number)).length;
  const lost = MESSAGES.length - new Set(numbers).size;
  const cut = seen.filter((text) => !MESSAGES.includes(text)).length;
  const twice = numbers.length - new Set(numbers).size;
  draw(`\n${say("udpSum", { sent: MESSAGES.length, arrived: seen.length, lost, late, twice, cut })} ${say("nobody")}`);
}

async function showTcp(): Promise<void> {
  heading(say("tcp"));
  draw(say("tcpWhy"));
  using first = await connectedEnds();
  using second = await connectedEnds();
  for (const message of MESSAGES) await writeAll(first.client, encode(message));
  first.client.closeWrite();
  const sent = encode(MESSAGES.join(""));
  const random = randomFrom(SEED);
  const pieces: number[] = [];
  const reads: string[] = [];
  const buffer = new Uint8Array(BUFFER);
  for (;;) {
    const piece = new Uint8Array(1 + Math.floor(random() * 40));
    const size = await first.server.read(piece);
    if (size === null) break;
    pieces.push(size);
    await writeAll(second.client, piece.subarray(0, size));
    // What a short read leaves is there for the next one.
    for (let left = size; left > 0;) {
      const got = await second.server.read(buffer) ?? 0;
      reads.push(decode(buffer.subarray(0, got)));
      left -= got;
    }
  }
  draw(`\n  ${say("pieces", { pieces: pieces.join(", ") })}\n`);
  for (let at = 0; at < reads.length; at += 4) {
    draw(`  ▶ ${reads.slice(at, at + 4).map((read) => column(`"${read}"`, BUFFER + 3)).join("").trimEnd()}`);
  }
  const arrived = reads.join("");
  const isSame = say(arrived === MESSAGES.join("") ? "yes" : "no");
  draw(`\n${say("tcpSum", { sent: sent.length, arrived: encode(arrived).length, isSame, reads: reads.length })}`);
}

async function showRepair(): Promise<void> {
  heading(say("repair"));
  using network = new Network();
  const arrived = new Set<number>();
  for (let round = 1; arrived.size < MESSAGES.length; round++) {
    const missing = MESSAGES.keys().filter((number) => !arrived.has(number)).toArray();
    const came: number[] = [];
    for (const number of missing) came.push(...(await network.pass(Uint8Array.of(number))).arrived.map(([n = 0]) => n));
    came.push(...(await network.flush()).map(([number = 0]) => number));
    for (const number of came) arrived.add(number);
    const values = { round, sent: missing.length, arrived: came.length, missing: MESSAGES.length - arrived.size };
    draw(`  ${say("round", values)}`);
  }
  draw(`\n${say("repairSum", { all: arrived.size, sent: MESSAGES.length })}`);
}

await showUdp();
await showTcp();
await showRepair();
