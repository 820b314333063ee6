/**
 * `deno task lab:backpressure`: a sender whose peer does not read. The kernel takes some megabytes for both of them, then
 * `write` waits; it goes on when the reader reads, at the reader's pace.
 *
 * @module
 */
import { delay } from "../../lib/base/delay.ts";
import { column, connectedEnds, draw, figures, heading, speaker } from "./lab.ts";

const say = speaker({
  en: {
    title: "Backpressure: the sender writes 64 KiB after 64 KiB, the peer does not read",
    legend: "█ read by the peer   ░ accepted by the kernel, waiting in the two buffers",
    seconds: "{count} s",
    size: "{count} MiB",
    writing: "writes",
    waiting: "the write waits",
    reading: "the peer reads {size}",
    going: "the write goes on",
    done: "the sender has finished; the rest is read",
    sum:
      "The write waited {ms} ms. The buffers held at most {most}. Accepted {accepted}, read {read}: nothing was lost.",
    meaning: "write() returning means: the kernel has the bytes. It does not mean: the peer has them.",
  },
  ru: {
    title: "Обратное давление: отправитель пишет по 64 КиБ, собеседник не читает",
    legend: "█ прочитано собеседником   ░ принято ядром, ждёт в двух буферах",
    seconds: "{count} с",
    size: "{count} МиБ",
    writing: "пишет",
    waiting: "запись ждёт",
    reading: "собеседник читает {size}",
    going: "запись продолжается",
    done: "отправитель закончил; читается остаток",
    sum:
      "Запись ждала {ms} мс. В буферах было не больше {most}. Принято {accepted}, прочитано {read}: не потеряно ничего.",
    meaning: "Возврат из write() значит: байты у ядра. Он не значит: байты у собеседника.",
  },
});

const KiB = 1024;
const CHUNK = new Uint8Array(64 * KiB);
/** A write that has not returned for this long, in ms, waits for the reader. */
const STUCK = 300;
const BAR = 48;

/** The sender: how much the kernel has taken, and since when a write waits. */
class Sender {
  accepted = 0;
  isDone = false;
  movedAt = performance.now();
  longestWait = 0;
  #isEnough = false;

  async run(conn: Deno.TcpConn): Promise<void> {
    while (!this.#isEnough) {
      const size = await conn.write(CHUNK);
      const now = performance.now();
      this.longestWait = Math.max(this.longestWait, now - this.movedAt);
      this.movedAt = now;
      this.accepted += size;
    }
    await conn.closeWrite();
    this.isDone = true;
  }

  /** The write that is under way is the last one. */
  finish(): void {
    this.#isEnough = true;
  }

  async stuck(): Promise<void> {
    while (performance.now() - this.movedAt < STUCK) await delay(20);
  }
}

async function main(): Promise<void> {
  heading(say("title"));
  draw(`${say("legend")}\n`);
  using ends = await connectedEnds();
  const began = performance.now();
  const sender = new Sender();
  let read = 0;
  let most = 0;
  let scale = 0;
  const show = (what: string): void => {
    most = Math.max(most, sender.accepted - read);
    const cells = (bytes: number): number => scale === 0 ? 0 : Math.min(BAR, Math.round(bytes / scale * BAR));
    const bar = "█".repeat(cells(read)).padEnd(cells(sender.accepted), "░");
    const seconds = say("seconds", { count: figures().fixed((performance.now() - began) / 1000, 2) });
    draw(`  ${seconds} ${column(bar, BAR)} ${mebibytes(sender.accepted).padStart(8)}  ${what}`);
  };
  show(say("writing"));
  const sending = sender.run(ends.client);
  await sender.stuck();
  const held = sender.accepted;
  scale = held * 3.5;
  show(say("waiting"));
  const step = Math.ceil(held / 4);
  const buffer = new Uint8Array(64 * KiB);
  for (let round = 1; round <= 4; round++) {
    const before = sender.accepted;
    for (const until = read + step; read < until;) {
      read += await ends.server.read(buffer.subarray(0, Math.min(buffer.length, until - read))) ?? 0;
    }
    // What the reader has taken makes room once the kernel has told the sender so.
    await delay(50);
    const isGoing = sender.accepted > before;
    show(`${say("reading", { size: mebibytes(step) })}${isGoing ? `: ${say("going")}` : ""}`);
  }
  sender.finish();
  for (let size = await ends.server.read(buffer); size !== null; size = await ends.server.read(buffer)) read += size;
  await sending;
  show(say("done"));
  const values = { accepted: sender.accepted, read, ms: Math.round(sender.longestWait), most: mebibytes(most) };
  draw(`\n${say("sum", values)}\n${say("meaning")}`);
}

function mebibytes(bytes: number): string {
  return say("size", { count: figures().fixed(bytes / KiB ** 2, 1) });
}

await main();
