/**
 * `deno task lab:nonblocking`: what reading from a non-blocking socket gives, on both sides of the border between "no
 * data yet" and "the peer has finished". Python asks the C library itself where it is installed; Deno shows its own way.
 *
 * @module
 */
import { delay } from "../../lib/base/delay.ts";
import { column, connectedEnds, draw, heading, speaker, writeAll } from "./lab.ts";

const say = speaker({
  en: {
    c: "A non-blocking socket: recv(2) of the C library, called from Python",
    reader: "the reader calls",
    result: "and gets",
    peer: "the peer meanwhile",
    nothing: "has sent nothing",
    sends: 'sends "hi"',
    silent: "is silent again",
    ends: "shutdown(SHUT_WR)",
    again: "-1, errno {errno} ({name}): no data yet",
    data: "{bytes} bytes, {text}",
    end: "0 bytes: the peer has finished (Python: b'')",
    endAgain: "0 bytes, at once, as often as one asks",
    python: "In Python -1 is the exception {exception}; 0 bytes are b''. They are not the same.",
    blocking:
      "A blocking socket, for comparison: recv waited {ms} ms, until the data came. It never returned -1/EAGAIN.",
    spin:
      "Waiting 100 ms by asking: {asked} calls and {spinMs} ms of CPU. By select(): {selected} call and {selectMs} ms.",
    noPython: "python3 is not here: what follows is Deno's way alone.",
    deno: "The same in Deno: every read is non-blocking underneath, and a promise on the surface",
    pending: "a pending promise: no data yet, and other code runs",
    denoData: "{bytes} bytes, {text}",
    denoEnd: "null: the peer has finished",
  },
  ru: {
    c: "Неблокирующий сокет: recv(2) из библиотеки C, вызванный из Python",
    reader: "читатель вызывает",
    result: "и получает",
    peer: "собеседник тем временем",
    nothing: "ничего не прислал",
    sends: 'присылает "hi"',
    silent: "снова молчит",
    ends: "shutdown(SHUT_WR)",
    again: "-1, errno {errno} ({name}): данных ещё нет",
    data: "байт: {bytes}, {text}",
    end: "0 байт: собеседник закончил (в Python b'')",
    endAgain: "0 байт, сразу же, сколько ни спрашивай",
    python: "В Python -1 — это исключение {exception}, а 0 байт — это b''. Это не одно и то же.",
    blocking: "Для сравнения — блокирующий: recv ждал {ms} мс, пока не пришли данные. -1/EAGAIN он не вернул ни разу.",
    spin:
      "Ждать 100 мс, спрашивая: вызовов {asked}, {spinMs} мс процессора. Ждать в select(): вызовов {selected}, {selectMs} мс.",
    noPython: "python3 здесь нет: дальше только о Deno.",
    deno: "То же в Deno: внутри каждое чтение неблокирующее, а снаружи это обещание (promise)",
    pending: "обещание не выполнено: данных ещё нет, остальной код работает",
    denoData: "байт: {bytes}, {text}",
    denoEnd: "null: собеседник закончил",
  },
});

/** Prints a JSON object for each step; `recv` is the C function, so that its result is what the manual page says. */
const PYTHON = `
import ctypes, errno, json, select, socket, threading, time
libc = ctypes.CDLL(None, use_errno=True)
libc.recv.restype = ctypes.c_ssize_t
buffer = ctypes.create_string_buffer(100)
def recv(end):
    ctypes.set_errno(0)
    return libc.recv(end.fileno(), buffer, 100, 0), ctypes.get_errno()
def show(**step):
    print(json.dumps(step), flush=True)
def step(what):
    result, error = recv(reader)
    name = errno.errorcode.get(error, "")
    show(step=what, result=result, errno=error, name=name, text=buffer.raw[:max(result, 0)].decode())
with socket.create_server(("127.0.0.1", 0)) as listener:
    peer = socket.create_connection(listener.getsockname())
    reader, _ = listener.accept()
reader.setblocking(False)
step("nothing")
peer.sendall(b"hi")
select.select([reader], [], [])
step("sends")
step("silent")
try:
    reader.recv(100)
except OSError as error:
    show(step="python", exception=type(error).__name__)
asked, end, cpu = 0, time.monotonic() + 0.1, time.process_time()
while time.monotonic() < end:
    recv(reader)
    asked += 1
spin = time.process_time() - cpu
cpu = time.process_time()
select.select([reader], [], [], 0.1)
show(step="spin", asked=asked, spinMs=round(spin * 1000), selected=1, selectMs=round((time.process_time() - cpu) * 1000))
reader.setblocking(True)
threading.Timer(0.2, peer.sendall, [b"at last"]).start()
began = time.monotonic()
reader.recv(100)
show(step="blocking", ms=round((time.monotonic() - began) * 1000))
reader.setblocking(False)
peer.shutdown(socket.SHUT_WR)
select.select([reader], [], [])
step("ends")
step("endAgain")
`;

interface Step {
  readonly step: string;
  readonly result: number;
  readonly text: string;
}

async function showPython(): Promise<void> {
  const steps = await pythonSteps();
  if (steps === undefined) return draw(`\n${say("noPython")}`);
  heading(say("c"));
  row(say("peer"), say("reader"), say("result"));
  const notes: string[] = [];
  for (const step of steps) {
    const { text, result, ...rest } = step;
    switch (step.step) {
      case "nothing":
      case "silent":
        row(say(step.step), "recv()", say("again", { ...rest }));
        break;
      case "sends":
        row(say("sends"), "recv()", say("data", { bytes: result, text: JSON.stringify(text) }));
        break;
      case "ends":
        row(say("ends"), "recv()", result === 0 ? say("end") : String(result));
        break;
      case "endAgain":
        row("", "recv()", result === 0 ? say("endAgain") : String(result));
        break;
      case "python":
      case "spin":
      case "blocking":
        notes.push(say(step.step, { ...rest }));
    }
  }
  draw();
  for (const note of notes) draw(note);
}

function row(peer: string, call: string, result: string): void {
  draw(`  ${column(peer, 25)}${column(call, 19)}${result}`);
}

/** What Python tells; `undefined` where there is none, or where its C library is not found. */
async function pythonSteps(): Promise<Step[] | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("python3", { args: ["-c", PYTHON], stderr: "null" }).output();
    if (!success) return undefined;
    return new TextDecoder().decode(stdout).trimEnd().split("\n").map((line): Step => JSON.parse(line));
  } catch {
    return undefined;
  }
}

async function showDeno(): Promise<void> {
  heading(say("deno"));
  row(say("peer"), say("reader"), say("result"));
  using ends = await connectedEnds();
  const { client: reader, server: peer } = ends;
  const buffer = new Uint8Array(100);
  const first = reader.read(buffer);
  const early = await Promise.race([first, delay(50)]);
  row(say("nothing"), "read()", early === undefined ? say("pending") : String(early));
  await writeAll(peer, new TextEncoder().encode("hi"));
  const bytes = await first ?? 0;
  const text = JSON.stringify(new TextDecoder().decode(buffer.subarray(0, bytes)));
  row(say("sends"), "", say("denoData", { bytes, text }));
  await peer.closeWrite();
  const end = await reader.read(buffer);
  row(say("ends"), "read()", end === null ? say("denoEnd") : String(end));
}

await showPython();
await showDeno();
