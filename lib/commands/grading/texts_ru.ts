import type { en } from "./texts_en.ts";

/** Тексты обеих проверок. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "check.head": "{target}, деление на сообщения: {framing}",
  "check.head.unframed": "{target}, деление на сообщения не найдено",
  "check.task": "Задание {task}",
  "check.sent": "послано",
  "check.received": "получено",
  "check.likely": "похоже",
  "check.see": "см.",
  "check.progress": "{number} из {count}: {id}",
  "check.summary": "пройдено {passed} · не пройдено {failed} · не проверено {skipped}",
  "reason.task_list": "укажите номера заданий от 1 до 8, например 7, 1,7 или 1-4",
  "option.check.quiet": "выводить только последнюю строку: сколько пройдено",
};
