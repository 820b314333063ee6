import type { en } from "./texts_en.ts";

/** Тексты о сбоях. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "option.fault":
    "имитировать сбой: [up:|down:|both:]latency=100ms±20ms, rate=200KiB/s, reset-after=64K,share=10% …; см. docs faults",
  "option.faults": "файл TOML со сценариями сбоев; по SIGHUP читается заново",
  "option.scenario": "сценарий из этого файла или один из: slow-link, lossy, chopped, rude-peer, liar",
  "option.seed":
    "начальное число генератора случайных сбоев: одно и то же число портит одни и те же байты (по умолчанию каждый раз другое)",
  "reason.fault": "{hint}",
  "reason.seed": "нужно целое число",
  "reason.fault_public": "сбои предназначены для своей машины; чтобы обслуживать с ними других, нужен --allow-faults",
  "reason.fault_workers": "для сбоев нужен один поток",
  "reason.fault_scenario": "сценария {name} нет; есть {names}",
  "reason.no_scenario": "нужно выбрать один из {names}",
  "error.fault_usage": "Нельзя использовать сбои вместе с {option}: {reason}.",
  "fault.on": "Сбои включены: {faults}; seed {seed}.",
  "fault.off": "Сбои выключены.",
  "fault.typed": "Введите строку с другими сбоями, чтобы сменить их; off выключает сбои.",
  "fault.latency": "задержано на {ms} мс",
  "fault.rate": "{bytes} {bytes|байт|байта|байт} уходят за {ms} мс",
  "fault.split": "уходит частями по {bytes} {bytes|байту|байта|байт}, всего {pieces}",
  "fault.coalesce": "частей: {pieces}; уходят вместе, {bytes} {bytes|байт|байта|байт}",
  "fault.stall": "ничего не проходит {ms} мс",
  "fault.stall.forever": "больше ничего не проходит",
  "fault.close": "полузакрытие после {bytes} {bytes|байта|байт|байт}, {ms} мс",
  "fault.reset": "сброс после {bytes} {bytes|байта|байт|байт}, {ms} мс",
  "fault.truncate": "кадр {frame} оборван после {bytes} {bytes|байта|байт|байт}, направление закрыто",
  "fault.length": "кадр {frame} объявляет {bytes} {bytes|байт|байта|байт}",
  "fault.flip": "кадр {frame}: изменён бит {bit} байта {byte}",
  "fault.drop": "кадр {frame}, {bytes} {bytes|байт|байта|байт}, потерян",
  "fault.duplicate": "кадр {frame}, {bytes} {bytes|байт|байта|байт}, отправлен дважды",
  "fault.reorder": "кадр {frame} пропустил вперёд следующий",
  "fault.refuse": "в соединении отказано",
  "fault.accept-delay": "соединение ждёт {ms} мс",
};
