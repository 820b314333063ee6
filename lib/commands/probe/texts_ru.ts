import type { en } from "./texts_en.ts";

/** Тексты команды `probe`. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "about.probe": "выясняет, что происходит на пути к эхо-серверу: что меняется, дробится, подменяется, обрывается.",
  "example.probe": "все проверки",
  "example.probe.quick": "без проверки, когда обрываются неактивные соединения",
  "example.probe.tls": "внутри TLS",
  "example.probe.idle": "неактивность до пяти минут; заключение в виде страницы",
  "exit.probe.10": "на пути что-то происходит с байтами или соединениями",
  "option.probe.quick": "не выяснять, сколько соединение может быть неактивным",
  "option.probe.idle-max": "самая долгая неактивность",
  "option.probe.max-frame": "наибольшая длина содержимого кадра",
  "option.probe.timeout": "сколько ждать соединения или ответа",
  "option.probe.html": "записать заключение страницей в этот файл",
  "option.probe.json": "вывести заключение и величины одним объектом JSON",
  "reason.probe_unix": "у сокета Unix нет пути по сети",
  "probe.waiting": "Идёт проверка; наблюдение за неактивными соединениями займёт до {s} с.",
  "probe.title": "Путь к {target}",
  "probe.verdict.clean": "На пути к {target} эти проверки не нашли ничего, что меняет байты или обрывает соединения.",
  "probe.verdict.findings": "Путь к {target}: найдено особенностей: {n}.",
  "probe.word.same": "вернулось то же",
  "probe.word.changed": "изменено",
  "probe.word.closed": "соединение закрыто",
  "probe.word.reset": "соединение сброшено",
  "probe.word.silent": "больше ничего не пришло",
  "probe.word.refused": "нет соединения",
  "probe.word.digits": "цифры и знаки",
  "probe.word.letters": "буквы",
  "probe.word.controls": "управляющие символы (00–1f)",
  "probe.word.high": "байты с восьмым битом (80–ff)",
  "probe.fact.families": "Соединение по IPv4 занимает {v4_us}, по IPv6 — {v6_us}: быстрее {faster}.",
  "probe.fact.family_unreachable": "{broken} недоступен; {working} работает.",
  "probe.fact.no_answer":
    "Соединения принимаются, но ответа нет ({how} через {after_ms}). Кто-то на пути принимает их вместо отсутствующего сервера, или это не эхо-сервер с таким форматом кадров.",
  "probe.fact.short_answer":
    "Из {sent} {sent|байта|байт|байт} вернулось {received} ({how}): это не эхо. Верен ли формат кадров?",
  "probe.fact.greeting": "Сервер сначала требует диалога («{text}»); для probe нужен эхо-сервер без входа.",
  "probe.fact.rtt": "Эхо занимает {rtt_us} (медиана).",
  "probe.fact.mss": "TCP передаёт в сегменте до {mss} байт; MTU пути по данным TCP: {pmtu} байт.",
  "probe.fact.small_mss":
    "TCP передаёт в сегменте не больше {mss} байт (MTU пути {pmtu} байт): на пути туннель или устройство, которое уменьшает MSS.",
  "probe.fact.mss_unknown": "MTU пути не измерен (его сообщает только Linux).",
  "probe.fact.near":
    "TCP отвечает за {tcp_us}, эхо занимает {rtt_us}: медленный сервер, или за него на уровне TCP отвечает ближний прокси.",
  "probe.fact.changes_eighth_bit":
    "Восьмой бит обнуляется: {sent} вернулось как {received}. Путь не пропускает 8-битные данные.",
  "probe.fact.changes_uppercase": "Буквы возвращаются прописными: {sent} вернулось как {received}.",
  "probe.fact.changes_lowercase": "Буквы возвращаются строчными: {sent} вернулось как {received}.",
  "probe.fact.changes_adds_cr": "Перед каждым LF добавляется CR, как в текстовых файлах другой системы.",
  "probe.fact.changes_drops_cr": "CR перед LF пропадает, как в текстовых файлах другой системы.",
  "probe.fact.changes_doubles_iac": "Байты ff удваиваются, как в Telnet.",
  "probe.fact.changes_doubles": "Каждый байт приходит дважды: вместо {sent} вернулось {received}.",
  "probe.fact.not_tried": "Другие размеры, границы и полузакрытие не проверялись: изменяются даже цифры.",
  "probe.fact.sizes_not_tried":
    "Большие кадры не проверялись: в их заголовках есть управляющие символы, а они изменяются.",
  "probe.fact.changes_drops": "Часть байтов пропадает ({kind}): {sent} вернулось как {received}.",
  "probe.fact.changes_others": "Байты меняются ({kind}): {sent} вернулось как {received}.",
  "probe.fact.changes_large":
    "Кадр размером {size_bytes} возвращается изменённым начиная с байта {first_byte}: {sent} вернулось как {received}.",
  "probe.fact.kind_lost": "Не возвращается сообщение, в котором {kind}: {how}.",
  "probe.fact.both_ways":
    "Кадр в {size} {size|байт|байта|байт} не возвращается ({how}), а другие возвращаются: его заголовок ({header}) меняется по пути туда. Содержимое на обратном пути меняется обратно, поэтому эхо выглядит целым.",
  "probe.fact.banner":
    "Каждое соединение начинается с байтов, которых никто не просил: «{text}». Эхо приходит после них.",
  "probe.fact.first_late":
    "Первое эхо соединения занимает {first_ms}, следующие — {rtt_us}: что-то задерживает первые байты.",
  "probe.fact.changes_adds": "Байты добавлены или повторены ({kind}): {received} на этом месте не отправляли.",
  "probe.fact.speed": "Кадр в {size_bytes} проходит туда и обратно за {took_ms}: {rate_bytes}/с.",
  "probe.fact.ends_after": "Соединение обрывается после {least_bytes} – {most_bytes} ({how}), какими бы ни были кадры.",
  "probe.fact.full_packets": "Возможно, теряются пакеты полного размера (MTU пути).",
  "probe.fact.tls_only": "Порт использует TLS, а на открытый текст не отвечает: попробуйте --tls.",
  "probe.fact.clean": "Все 256 значений байта возвращаются неизменными: путь пропускает 8-битные данные.",
  "probe.fact.clean_text": "Все байты, допустимые в этом формате кадров, возвращаются неизменными.",
  "probe.fact.boundaries":
    "Кадры ({frames}), отправленные через {apart_ms}, возвращаются по одному. TCP этого не обещает.",
  "probe.fact.splits":
    "Кадры ({frames}) вернулись за {reads} {reads|чтение|чтения|чтений}: записи дробит путь или сервер, TCP это разрешает.",
  "probe.fact.merges":
    "Кадры ({frames}), отправленные через {apart_ms}, вернулись за {reads} {reads|чтение|чтения|чтений}: записи склеивает путь или сервер, TCP это разрешает.",
  "probe.fact.largest": "Кадр в {good_bytes}, отправленный сразу, возвращается; больших не пробовали (--max-frame).",
  "probe.fact.largest_limit":
    "Кадр в {good_bytes} возвращается, в {bad_bytes} — нет ({how}): скорее всего, это предел сервера.",
  "probe.fact.largest_small":
    "Кадр в {good_bytes} возвращается, в {bad_bytes} — нет ({how}): для предела сервера слишком мало.",
  "probe.fact.half_close": "Полузакрытие проходит: после нашего FIN пришли остаток и FIN сервера.",
  "probe.fact.half_close_lost": "Полузакрытие не проходит: после нашего FIN остаток эха не пришёл ({how}).",
  "probe.fact.half_close_reset": "После нашего FIN эхо пришло, но вместо FIN — сброс.",
  "probe.fact.half_close_hidden": "Наш FIN не передан дальше или остался без ответа: за {wait_ms} FIN не пришёл.",
  "probe.fact.idle_ok": "Соединение выдерживает {idle_ms} неактивности — дольше не проверялось (--idle-max).",
  "probe.fact.idle_ended":
    "Неактивное соединение закрывают через {dropped_ms} ({how}) — на пути или сам сервер; {survived_ms} неактивности оно выдержало.",
  "probe.fact.idle_silent":
    "Неактивное соединение обрывают без предупреждения: {survived_ms} неактивности оно выдержало, {dropped_ms} — нет.",
  "probe.fact.held_by_messages": "Сообщение каждые {every_ms} сохраняет соединение.",
  "probe.fact.not_held_by_messages": "Даже сообщение каждые {every_ms} не сохраняет соединение.",
  "probe.fact.keep_alive_holds": "TCP keep-alive с первым запросом через {after_ms} сохраняет соединение.",
  "probe.fact.keep_alive_fails": "TCP keep-alive с первым запросом через {after_ms} не сохраняет соединение.",
  "probe.fact.keep_alive_late": "TCP keep-alive его не сохраняет: эта система спрашивает только через {after_ms}.",
  "probe.fact.keep_alive_unknown": "TCP keep-alive не проверен (его время известно только в Linux).",
  "probe.fact.tls": "Порт принимает и TLS; --tls проверит путь внутри TLS.",
  "probe.fact.tls_inside": "Всё это проверено внутри TLS.",
  "probe.fact.tls_broken":
    "Порт принимает соединения, но соединение TLS не устанавливается: {how}. Порт не использует TLS, или на пути меняются байты.",
  "probe.fact.plain": "Открытым текстом порт тоже возвращает эхо.",
  "probe.fact.plain_none": "Открытым текстом порт эха не возвращает ({how}).",
  "probe.fact.keep_alive_tls": "TCP keep-alive внутри TLS не проверен.",
  "probe.fact.tls_none": "Порт не принимает TLS: соединение закрывается.",
  "probe.fact.tls_silent": "Порт не принимает TLS: на ClientHello ответа нет.",
  "probe.fact.urgent_unknown": "Срочные данные не проверены (платформа не умеет их отправлять).",
};
