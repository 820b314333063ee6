import type { en } from "./texts_en.ts";

/** Тексты команды `replay`. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "about.replay": "повторяет записанный обмен с другим сервером и сравнивает ответы.",
  "example.replay": "запись explain --record с теми же паузами",
  "example.replay.fast": "захват, со скоростью ответов сервера",
  "exit.replay.10": "ответы не совпали с записанными, или воспроизводить нечего",
  "exit.replay.65": "захват повреждён или секреты в нём скрыты",
  "option.replay.fast": "ждать только ответов, записанные паузы не выдерживать",
  "option.replay.framing": "формат кадров: {framings} или auto (определить по первым байтам)",
  "option.replay.json": "вывести по объекту JSON на каждое расхождение и соединение",
  "option.replay.timeout": "сколько ждать соединения и каждого ответа",
  "replay.difference": "Соединение {connection}: байт {offset} ответов — {received}, в записи {expected}{place}.",
  "replay.differences":
    "Соединение {connection}: байты {offset}–{last} ответов — {received}, в записи {expected}{place}.",
  "replay.place.header": " (кадр {frame}, байт {at} заголовка)",
  "replay.place.payload": " (кадр {frame}, байт {at} содержимого)",
  "replay.more": "Соединение {connection}: ещё расхождений, не показано: {n}.",
  "replay.missing": "Соединение {connection}: недополучено байт ответа: {n}; {ended}.",
  "replay.extra": "Соединение {connection}: сервер прислал лишние байты: {n}.",
  "replay.still_open": "Соединение {connection}: записанный сервер закрыл соединение, этот не закрыл.",
  "replay.unread":
    "Соединение {connection}: сервер ничего не читал {ms} мс, отправлено байт: {n}; остальное не отправлено.",
  "replay.ended.open": "сервер молчал {ms} мс",
  "replay.ended.half-close": "сервер закрыл соединение",
  "replay.ended.reset": "сервер сбросил соединение",
  "replay.equal": "Соединение {connection}: {bytes} {bytes|байт|байта|байт} ответов, все как в записи.",
  "replay.udp": "UDP не повторяется; пропущено потоков: {n}.",
  "replay.progress": "соединений: {connections}, {s} с",
  "replay.summary": "Соединений: {connections}; с другими ответами: {differing}.",
  "replay.nothing": "В {path} нет соединений TCP.",
};
