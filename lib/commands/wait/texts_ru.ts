import type { en } from "./texts_en.ts";

/** Тексты команды `wait`. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "about.wait": "ждёт, пока сервер не начнёт принимать соединения.",
  "example.wait": "не дольше 30 секунд",
  "example.wait.start": "запустить программу, когда база данных начнёт слушать",
  "option.wait.timeout": "сколько ждать",
  "option.wait.quiet": "ничего не выводить, когда сервер готов",
  "example.wait.json": "объект, когда он готов",
  "wait.ready": "{address} принимает соединения через {ms} мс (попыток: {tries}).",
  "wait.progress": "ждём {address}, {s} с",
};
