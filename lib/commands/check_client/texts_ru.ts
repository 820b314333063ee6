import type { en } from "./texts_en.ts";

/** What grading a client says, in Russian. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "about.check": "изображает сервер, с которым происходит всё, что бывает в сети, и сообщает, как это выдержал клиент.",
  "example.check.command": "запускает клиент для каждой проверки, вводит за человека, читает вывод",
  "example.check.asked": "клиент сначала спрашивает узел и порт",
  "example.check.greeting": "клиент ждёт, что сервер заговорит первым",
  "example.check.wait": "ждёт клиент, который запустите вы",
  "example.check.tasks": "только проверки заданий 7 и 8, в JSON",

  "option.check.host": "адрес, на котором слушать",
  "option.check.port": "порт, который слушать; если занят, берётся следующий",
  "option.check.strict-port": "если порт занят, завершиться с кодом 69",
  "option.check.framing": "формат кадров клиента: {framings} (по умолчанию определяется)",
  "option.check.timeout": "время на всю проверку",
  "option.check.wait":
    "время на один шаг клиента, после которого он считается зависшим; без COMMAND — время на подключение и ввод (по умолчанию 5s, без COMMAND 2min)",
  "option.check.tasks": "какие задания проверять, например 1,7-8 (по умолчанию все)",
  "option.check.answer": "ввести эту строку перед первым сообщением; {host} и {port} подставляются",
  "option.check.exit-word":
    "ввести эту строку после последнего сообщения; затем ввод заканчивается (по умолчанию exit, потом пустая строка)",
  "option.check.greeting": "отправить это первым, как делают серверы, от которых клиенты этого ждут",
  "option.check.json": "вывести отчёт одним документом JSON",
  "option.check.junit": "записать отчёт ещё и в этот файл, в JUnit XML",

  "reason.no_program": "такой программы нет",

  "server_check.busy": "Порт {port} занят.",
  "server_check.listening": "Проверка идёт на {address}.",
  "server_check.invite": "{number} из {count}, {id}: подключите клиент к {address} и {what}.",
  "server_check.again": "Ещё раз: подключите клиент к {address} и {what}.",
  "server_check.interrupted": "Прервано: отчёта нет.",
  "server_check.no_client": "Клиент не подключился к {address} за {time}.{words}",
  "server_check.client_ended": "Клиент завершился, не подключившись к {address}.{words}",
  "server_check.client_words": " Последняя строка его вывода: {words}",
  "server_check.client_hint": "Если он спрашивает узел и порт: --answer '{host}' --answer '{port}'.",

  "server_check.note.fixed": "То, что вводит человек, не отправляется: клиент отправляет свой текст.",
  "server_check.note.collecting": "Клиент отправляет введённое одним сообщением, когда введено слово завершения.",

  "server_check.what.whole-frames": "отправьте сообщение не латиницей, затем завершите клиент",
  "server_check.what.split-reply": "отправьте два сообщения, затем завершите клиент",
  "server_check.what.merged-replies": "отправьте три сообщения, затем завершите клиент",
  "server_check.what.large-reply": "отправьте два сообщения, затем завершите клиент",
  "server_check.what.split-utf8": "отправьте два сообщения не латиницей, затем завершите клиент",
  "server_check.what.many-messages": "отправьте три сообщения, затем завершите клиент",
  "server_check.what.server-leaves": "отправьте сообщение; сервер закроет соединение, и клиент должен завершиться",
  "server_check.what.reconnects": "отправьте сообщение",
  "server_check.what.no-hang": "отправьте сообщение; сервер закончит, и клиент должен завершиться",

  "server_check.title.whole-frames": "отправляет целые сообщения, длина — в байтах",
  "server_check.title.split-reply": "читает, пока сообщение не придёт целиком",
  "server_check.title.merged-replies": "принимает два ответа, пришедших вместе",
  "server_check.title.large-reply": "принимает ответ, который не помещается в одно чтение",
  "server_check.title.split-utf8": "принимает символ, разрезанный пополам",
  "server_check.title.many-messages": "обменивается многими сообщениями",
  "server_check.title.server-leaves": "завершается, когда сервер закрыл соединение",
  "server_check.title.reconnects": "подключается снова после сброса",
  "server_check.title.no-hang": "завершается, когда обмен закончен",

  "server_check.part.half_closed": "(сервер закончил передачу)",
  "server_check.part.closed": "(сервер закрывает соединение)",
  "server_check.part.reset": "(сброс)",
  "server_check.part.silence": "(ничего)",
  "server_check.part.left": "(клиент закрыл соединение)",
  "server_check.part.left_by_reset": "(клиент сбросил соединение)",
  "server_check.part.ended": "(завершился)",
  "server_check.part.runs": "(всё ещё работает)",
  "server_check.part.busy": "(работает и занимает процессор)",
  "server_check.part.crash": "(упал: {crash})",
  "server_check.part.printed": "(этот ответ выведен {printed} {printed|раз|раза|раз}, другие — {of})",
  "server_check.part.bytes": "({bytes} {bytes|байт|байта|байт})",

  "server_check.likely.counts_characters":
    "длина считается в символах, а не в байтах: «{text}» — это {bytes} {bytes|байт|байта|байт}, а в заголовке {announced}; сначала закодируйте, потом измерьте",
  "server_check.likely.counts_header":
    "длина включает и сам заголовок: в сообщении {bytes} {bytes|байт|байта|байт}, а в заголовке {announced}",
  "server_check.likely.counts_no_line_end":
    "за текстом следует конец строки, который заголовок не учитывает: в нём {announced}, а байт {bytes}; следующее сообщение начнётся для получателя на байт раньше",
  "server_check.likely.unknown_header":
    "перед текстом стоит не длина в одном из форматов --framing: нужен заголовок фиксированной длины с числом байт",
  "server_check.likely.incomplete":
    "сообщение неполное: байтов пришло меньше, чем указано в заголовке, или нет конца строки",
  "server_check.likely.reply_not_understood":
    "после ответа в том же формате кадров, что и его сообщение, клиент молчит: он читает ответы не так, как пишет",
  "server_check.likely.reads_characters":
    "после ответа не только из латиницы клиент молчит: он считает прочитанные символы и ждёт их столько, сколько указано байт",
  "server_check.likely.text_fails":
    "на тексте не только из латиницы клиент останавливается: он не может закодировать текст или декодировать ответ; и там и там нужна UTF-8",
  "server_check.likely.empty_message":
    "на пустом сообщении клиент останавливается: ничего не отправляет и ждёт ответа или не может прочитать пустой ответ; отправьте пустой кадр или спросите снова",
  "server_check.likely.no_header":
    "у сообщений нет заголовка: два могут прийти как одно, а одно как два; перед каждым нужна его длина",
  "server_check.likely.split_reply":
    "один recv принимается за целое сообщение; recv(n) возвращает не больше n байт: вызывайте его, пока не придут все, и для заголовка тоже",
  "server_check.likely.merged_replies":
    "прочитанное сверх первого сообщения теряется; сохраните его для следующего или читайте не больше, чем есть в сообщении",
  "server_check.likely.large_reply":
    "прочитана только часть сообщения (всего в нём {bytes} {bytes|байт|байта|байт}), остаток принят за следующее; читайте, пока не придёт всё",
  "server_check.likely.split_utf8":
    "каждая часть декодируется отдельно, а разрезанный символ — не текст; соберите байты сообщения и декодируйте один раз",
  "server_check.likely.one_connection":
    "клиент открывает новое соединение для каждого сообщения: подключитесь один раз, до цикла, а закройте соединение после него",
  "server_check.likely.skipped_wordless":
    "клиент подключается и уходит, ничего не отправив: возможно, он читает только с терминала (prompt в Deno, getpass) или ждёт аргументов",
  "server_check.likely.skipped_silent":
    "клиент подключается и молчит: он ждёт, что сервер начнёт первым (--greeting TEXT), или сначала спрашивает что-то другое (--answer LINE)",
  "server_check.likely.skipped_length_line":
    "длина стоит не в заголовке фиксированной длины: за ней конец строки или другой знак; такой вид не проверяется",
  "server_check.likely.skipped_own_form":
    "то, что стоит вокруг текста, — не вид, который знает --framing: как клиент отделяет сообщения друг от друга, не проверяется",
  "server_check.likely.one_message": "клиент завершается после первого ответа; отправка и приём должны быть в цикле",
  "server_check.likely.many_messages": "сообщение {number} из {count} не приходит: клиент остановился раньше",
  "server_check.likely.leaves_hangs":
    'сервер закрыл соединение, а клиент ждёт бесконечно; recv в этом случае возвращает пустую строку байт (b""): это конец',
  "server_check.likely.leaves_spins":
    'сервер закрыл соединение, а клиент крутится в цикле: recv сразу возвращает b"", снова и снова; в этом случае надо выйти из цикла',
  "server_check.likely.leaves_crashes":
    "сервер закрыл соединение, и клиент падает от необработанной ошибки ({error}); проверяйте конец в recv, перехватите ошибку и сообщите, что сервер закрыл соединение",
  "server_check.likely.leaves_sends_on":
    'сервер закрыл соединение, а клиент всё равно отправляет следующий текст; recv вернул b"" — это конец: выйдите из цикла',
  "server_check.likely.leaves_unnoticed":
    'сервер отключился, а клиент спрашивает следующее сообщение, как будто ничего не произошло; recv вернул b"" — это конец: сообщите об этом и выйдите из цикла',
  "server_check.likely.cut_hangs":
    'сервер закрыл соединение посреди сообщения, а клиент бесконечно ждёт остатка; recv в этом случае возвращает b""',
  "server_check.likely.cut_spins":
    'сервер закрыл соединение посреди сообщения, и цикл, ждущий остатка, крутится бесконечно; recv в этом случае возвращает b"": выйдите из цикла',
  "server_check.likely.cut_crashes":
    "сервер закрыл соединение посреди сообщения, и клиент падает от необработанной ошибки ({error}); перехватите её и сообщите, что сервер закрыл соединение",
  "server_check.likely.not_again":
    "после сброса клиент не подключается снова: не задан ли его собственный порт (bind перед connect), не осталось ли старое состояние?",
  "server_check.likely.end_hangs":
    "клиент не завершается, хотя закончились и ввод, и соединение: что-то в нём ещё ждёт, например поток в recv",
  "server_check.likely.end_spins":
    "клиент не завершается, хотя закончились и ввод, и соединение, и занимает процессор: цикл не замечает конца",
  "server_check.likely.end_crashes": "клиент завершается необработанной ошибкой: {error}",
  "server_check.likely.skipped_raw": "у сообщений нет ни заголовка, ни конца строки; они появятся в задании 7",
  "server_check.likely.skipped_single": "соединение завершается после одного ответа",
  "server_check.likely.skipped_small": "в кадр {framing} помещается не больше {bytes} {bytes|байта|байт|байт}",
  "server_check.likely.skipped_not_sent": "клиент не отправил сообщение, с которого начинается проверка",
  "server_check.likely.skipped_narrow": "сообщение состоит только из латиницы: резать нечего",
  "server_check.likely.skipped_encoding": "текст в кодировке {encoding}, а разрезаются здесь символы UTF-8",
  "server_check.likely.skipped_unknown": "ни одного его сообщения не видно: см. whole-frames",
  "server_check.likely.skipped_after": "сначала исправьте {id}: эта проверка не пройдёт по той же причине",
  "server_check.likely.skipped_no_client": "клиент не подключился",
  "server_check.likely.skipped_no_second": "второго подключения не было",
  "server_check.likely.skipped_time": "истекло время проверки (--timeout)",
  "server_check.try.whole-frames":
    "запустите echo-server --framing u32 (или в вашем формате кадров) и введите в клиенте привет",
  "server_check.try.split-reply": "в своём сервере: отправьте ответ двумя частями, между ними sleep(1)",
  "server_check.try.merged-replies": "в своём сервере: два ответа одним sendall; клиент должен показать оба",
  "server_check.try.large-reply": "введите строку из 70 000 символов, когда запущен echo-server",
  "server_check.try.split-utf8":
    "в своём сервере: отправьте привет, разрезав после третьего байта, sleep(1), затем остальное",
  "server_check.try.many-messages": "запустите echo-server и введите десять строк",
  "server_check.try.no-hang":
    "запустите echo-server, обменяйтесь сообщениями и завершите клиент так, как он должен завершаться",
  "server_check.try.server-leaves": "запустите echo-server, подключитесь, остановите сервер (Ctrl-C), введите строку",
  "server_check.try.reconnects": "запустите echo-server, подключитесь, перезапустите сервер, снова запустите клиент",
};
