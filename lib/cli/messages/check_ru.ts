import type { checkEn } from "./check_en.ts";

/** What grading a server says, in Russian. */
export const checkRu: Readonly<Record<keyof typeof checkEn, string>> = {
  "check.head": "{target}, кадры {framing}",
  "check.head.unframed": "{target}, способ деления на сообщения не найден",
  "check.task": "Задание {task}",
  "check.sent": "послано",
  "check.received": "получено",
  "check.likely": "похоже",
  "check.see": "см.",
  "check.summary": "пройдено {passed} · не пройдено {failed} · неприменимо {skipped}",
};
