import type { udpEn } from "./udp_texts_en.ts";

/** Что говорится о датаграммах, по-русски; ключи те же, что в `udp_en.ts`. */
export const udpRu: Readonly<Record<keyof typeof udpEn, string>> = {
  "option.server.udp":
    "отвечать и на датаграммы (UDP, RFC 862) на том же адресе и порту; каждая — сообщение, каким бы ни было --framing",
  "option.client.udp": "отправлять каждое сообщение датаграммой (UDP); без --timeout ждать каждую 1s",
  "error.udp_usage": "UDP: {reason}.",
  "reason.udp_no_dialogue":
    "{option} требует соединения, к которому относятся имя и пароль, а у датаграмм его нет; уберите --udp",
  "reason.udp_no_tls": "{option} защищает соединения, а не датаграммы; уберите одно из двух",
  "reason.udp_no_host": "{option} — не адрес, на который можно отправить датаграмму; укажите узел",
  "reason.udp_too_large": "сообщение в {length} байт не помещается в датаграмму, в неё входит {limit}; уберите --udp",
  "client.udp.lost": "Датаграмма {number} потеряна: нет ответа за {ms} мс. Или там никто не слушает?",
  "client.udp.cut":
    "Датаграмма {number} вернулась обрезанной: {received} байт из {sent}. Её прочитали в слишком маленький буфер.",
  "client.udp.late": "Датаграмма {number} вернулась с опозданием: её уже не ждали.",
  "client.udp.again": "Датаграмма {number} вернулась ещё раз.",
  "client.udp.unexpected": "Пришла датаграмма в {bytes} байт, которой никто не отправлял.",
  "client.udp.sum": "Датаграмм отправлено: {sent}; вернулось целыми: {whole}, обрезанными: {cut}; потеряно: {lost}.",
};
