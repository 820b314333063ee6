import type { en } from "./texts_en.ts";

/** Тексты о сбоях. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "option.fault":
    "сбой нарочно: [up:|down:|both:]latency=100ms±20ms, rate=200KiB/s, reset-after=64K,share=10% …; см. docs faults",
  "option.faults": "файл TOML со сценариями; по SIGHUP читается заново",
  "option.scenario": "сценарий из этого файла или один из: slow-link, lossy, chopped, rude-peer, liar",
  "option.seed":
    "начало последовательности случайных сбоев: то же число портит те же байты (по умолчанию каждый раз другое)",
  "reason.fault": "{hint}",
  "reason.seed": "нужно целое число",
  "reason.fault_public": "сбои предназначены для своей машины; чтобы обслуживать с ними других, нужен --allow-faults",
  "reason.fault_workers": "для сбоев нужен один поток",
  "reason.fault_scenario": "сценария {name} нет; есть {names}",
  "reason.no_scenario": "нужно выбрать один из {names}",
  "error.fault_usage": "Нельзя использовать сбои вместе с {option}: {reason}.",
  "fault.on": "Сбои включены: {faults}; seed {seed}.",
  "fault.off": "Сбои выключены.",
  "fault.typed": "Строка со сбоями задаёт другие; off выключает их.",
  "fault.latency": "задержано на {ms} мс",
  "fault.rate": "{bytes} байт уходят за {ms} мс",
  "fault.split": "уходит частями по {bytes} байт, всего {pieces}",
  "fault.coalesce": "частей: {pieces}; уходят вместе, {bytes} байт",
  "fault.stall": "ничего не проходит {ms} мс",
  "fault.stall.forever": "больше ничего не проходит",
  "fault.close": "полузакрытие после {bytes} байт, {ms} мс",
  "fault.reset": "сброс после {bytes} байт, {ms} мс",
  "fault.truncate": "кадр {frame} оборван после {bytes} байт, направление закрыто",
  "fault.length": "кадр {frame} объявляет {bytes} байт",
  "fault.flip": "кадр {frame}: изменён бит {bit} байта {byte}",
  "fault.drop": "кадр {frame}, {bytes} байт, потерян",
  "fault.duplicate": "кадр {frame}, {bytes} байт, отправлен дважды",
  "fault.reorder": "кадр {frame} пропустил вперёд следующий",
  "fault.refuse": "в соединении отказано",
  "fault.accept-delay": "соединение ждёт {ms} мс",
};
