import type { en } from "./texts_en.ts";

/** What grading a client says, in Russian. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "about.check": "изображает сервер, с которым бывает всё, что бывает в сети, и говорит, как это перенёс клиент.",
  "example.check.command": "запускает клиент для каждой проверки, печатает за человека, читает вывод",
  "example.check.asked": "клиент сначала спрашивает узел и порт",
  "example.check.greeting": "клиент ждёт, что сервер заговорит первым",
  "example.check.wait": "ждёт клиент, который запустите вы",
  "example.check.tasks": "только проверки заданий 7 и 8, в JSON",

  "option.check.host": "адрес, на котором слушать",
  "option.check.port": "порт, который слушать; занятый уступает место следующему",
  "option.check.strict-port": "если порт занят, завершиться с кодом 69",
  "option.check.framing": "как клиент разделяет сообщения: {framings} (по умолчанию: выясняется)",
  "option.check.timeout": "время на всю проверку",
  "option.check.wait":
    "время на один шаг клиента, после которого он считается зависшим; без КОМАНДЫ — время на подключение и ввод (по умолчанию: 5s, без КОМАНДЫ 2min)",
  "option.check.tasks": "какие задания проверять, например 1,7-8 (по умолчанию: все)",
  "option.check.answer": "напечатать эту строку перед первым сообщением; {host} и {port} подставляются",
  "option.check.exit-word":
    "напечатать эту строку после последнего сообщения; затем ввод кончается (по умолчанию: exit, потом пустая строка)",
  "option.check.greeting": "сказать это первым, как серверы, чьи клиенты этого ждут",
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
  "server_check.client_words": " Его последние слова: {words}",
  "server_check.client_hint": "Если он спрашивает узел и порт: --answer '{host}' --answer '{port}'.",

  "server_check.note.fixed": "То, что вводит человек, не отправляется: клиент шлёт свой текст.",
  "server_check.note.collecting": "Клиент отправляет введённое одним сообщением, когда введено слово завершения.",

  "server_check.what.whole-frames": "отправьте сообщение не латиницей, затем закройте его",
  "server_check.what.split-reply": "отправьте два сообщения, затем закройте его",
  "server_check.what.merged-replies": "отправьте три сообщения, затем закройте его",
  "server_check.what.large-reply": "отправьте два сообщения, затем закройте его",
  "server_check.what.split-utf8": "отправьте два сообщения не латиницей, затем закройте его",
  "server_check.what.many-messages": "отправьте три сообщения, затем закройте его",
  "server_check.what.server-leaves": "отправьте сообщение; сервер уйдёт, и клиент должен завершиться",
  "server_check.what.reconnects": "отправьте сообщение",
  "server_check.what.no-hang": "отправьте сообщение; сервер закончит, и клиент должен завершиться",

  "server_check.title.whole-frames": "отправляет целые сообщения, длина которых считает байты",
  "server_check.title.split-reply": "читает, пока сообщение не придёт целиком",
  "server_check.title.merged-replies": "принимает два ответа, пришедших вместе",
  "server_check.title.large-reply": "принимает ответ больше одного чтения",
  "server_check.title.split-utf8": "принимает символ, разрезанный пополам",
  "server_check.title.many-messages": "ведёт разговор из многих сообщений",
  "server_check.title.server-leaves": "завершается, когда сервер ушёл",
  "server_check.title.reconnects": "подключается снова после сброса",
  "server_check.title.no-hang": "завершается, когда разговор окончен",

  "server_check.part.half_closed": "(конец со стороны сервера)",
  "server_check.part.closed": "(сервер закрывает соединение)",
  "server_check.part.reset": "(сброс)",
  "server_check.part.silence": "(ничего)",
  "server_check.part.left": "(клиент закрыл соединение)",
  "server_check.part.left_by_reset": "(клиент сбросил соединение)",
  "server_check.part.ended": "(завершился)",
  "server_check.part.runs": "(всё ещё работает)",
  "server_check.part.busy": "(работает и занимает процессор)",
  "server_check.part.crash": "(упал: {crash})",
  "server_check.part.printed": "(напечатал этот ответ {printed} раз, другие {of})",
  "server_check.part.bytes": "(байт: {bytes})",

  "server_check.likely.counts_characters":
    "длина считает символы, а не байты: «{text}» — это байт: {bytes}, а в заголовке {announced}; сначала закодировать, потом измерить",
  "server_check.likely.counts_header":
    "длина считает и сам заголовок: в сообщении байт {bytes}, а в заголовке {announced}",
  "server_check.likely.unknown_header":
    "перед текстом стоит не длина из тех, что знает --framing: нужен заголовок фиксированной длины с числом байт",
  "server_check.likely.incomplete":
    "сообщение не целое: байт пришло меньше, чем обещает заголовок, или нет конца строки",
  "server_check.likely.reply_not_understood":
    "после ответа в той же рамке, что и его сообщение, клиент молчит: он читает ответы иначе, чем пишет",
  "server_check.likely.reads_characters":
    "после ответа не из одной латиницы клиент молчит: он считает прочитанные символы и ждёт их столько, сколько должно быть байт",
  "server_check.likely.empty_message":
    "на пустом сообщении клиент останавливается: ничего не отправляет и ждёт ответа или не может прочитать пустой ответ; отправить пустой кадр или спросить снова",
  "server_check.likely.no_header":
    "у сообщений нет заголовка: два могут прийти как одно, а одно как два; перед каждым нужна его длина",
  "server_check.likely.split_reply":
    "один recv принимается за целое сообщение; recv(n) возвращает не больше n байт: вызывать, пока не придут все, и для заголовка тоже",
  "server_check.likely.merged_replies":
    "прочитанное сверх первого сообщения выбрасывается; сохранить для следующего или читать не больше, чем есть в сообщении",
  "server_check.likely.large_reply":
    "прочитана только часть сообщения (всего байт: {bytes}), остаток принят за следующее; читать, пока не придёт всё",
  "server_check.likely.split_utf8":
    "каждый кусок декодируется отдельно, а разрезанный символ — не текст; собрать байты сообщения и декодировать один раз",
  "server_check.likely.one_connection":
    "клиент открывает новое соединение для каждого сообщения: подключиться один раз, до цикла, а закрыть после него",
  "server_check.likely.skipped_silent":
    "клиент подключается и молчит: он ждёт, что сервер заговорит первым (--greeting ТЕКСТ), или сначала спрашивает что-то другое (--answer СТРОКА)",
  "server_check.likely.skipped_length_line":
    "длина стоит в отдельной строке, а не в заголовке фиксированной длины: такой вид не проверяется",
  "server_check.likely.one_message": "клиент завершается после первого ответа; отправка и приём должны быть в цикле",
  "server_check.likely.many_messages": "сообщение {number} из {count} не приходит: клиент остановился по дороге",
  "server_check.likely.leaves_hangs":
    'сервер закрыл соединение, а клиент ждёт вечно; recv тогда возвращает пустое (b""), это конец',
  "server_check.likely.leaves_spins":
    'сервер закрыл соединение, а клиент крутится в цикле: recv сразу возвращает пустое (b""), снова и снова; тогда надо выйти из цикла',
  "server_check.likely.leaves_crashes":
    "сервер закрыл соединение, и клиент падает от непойманной ошибки ({error}); замечать конец в recv, ловить ошибку и говорить, что сервер ушёл",
  "server_check.likely.leaves_sends_on":
    'сервер завершил соединение, а клиент всё равно отправляет следующий текст; recv вернул пустое (b""), это конец: выйти из цикла',
  "server_check.likely.cut_hangs":
    'сервер закрыл соединение посреди сообщения, а клиент вечно ждёт остатка; recv тогда возвращает пустое (b"")',
  "server_check.likely.cut_spins":
    'сервер закрыл соединение посреди сообщения, и цикл, ждущий остатка, крутится вечно; recv тогда возвращает пустое (b""): выйти',
  "server_check.likely.cut_crashes":
    "сервер закрыл соединение посреди сообщения, и клиент падает от непойманной ошибки ({error}); поймать её и сказать, что сервер ушёл",
  "server_check.likely.not_again":
    "после сброса клиент не подключается снова: не задан ли его собственный порт (bind перед connect), не осталось ли старое состояние?",
  "server_check.likely.end_hangs":
    "клиент не завершается, хотя кончились и ввод, и сервер: что-то в нём ещё ждёт, например поток в recv",
  "server_check.likely.end_spins":
    "клиент не завершается, хотя кончились и ввод, и сервер, и занимает процессор: цикл не замечает конца",
  "server_check.likely.end_crashes": "клиент завершается непойманной ошибкой: {error}",
  "server_check.likely.skipped_raw": "у сообщений нет ни заголовка, ни конца строки; они появятся в задании 7",
  "server_check.likely.skipped_single": "клиент завершается после одного ответа",
  "server_check.likely.skipped_small": "в рамку {framing} помещается байт не больше {bytes}",
  "server_check.likely.skipped_not_sent": "клиент не отправил сообщение, с которого начинается проверка",
  "server_check.likely.skipped_narrow": "сообщение из одной латиницы: резать нечего",
  "server_check.likely.skipped_after": "сначала исправить {id}: эта проверка не пройдёт по той же причине",
  "server_check.likely.skipped_no_client": "клиент не подключился",
  "server_check.likely.skipped_no_second": "второго подключения не было",
  "server_check.likely.skipped_time": "время вышло (--timeout)",
  "server_check.try.whole-frames":
    "запустите echo-server --framing u32 (или с вашим делением) и напишите в клиенте привет",
  "server_check.try.split-reply": "в своём сервере: пошлите ответ двумя частями, между ними sleep(1)",
  "server_check.try.merged-replies": "в своём сервере: два ответа одним sendall; клиент должен показать оба",
  "server_check.try.large-reply": "введите строку из 70 000 символов, когда запущен echo-server",
  "server_check.try.split-utf8":
    "в своём сервере: пошлите привет, разрезав после третьего байта, sleep(1), затем остальное",
  "server_check.try.many-messages": "запустите echo-server и введите десять строк",
  "server_check.try.no-hang":
    "запустите echo-server, обменяйтесь сообщениями и завершите клиент так, как он должен завершаться",
  "server_check.try.server-leaves": "запустите echo-server, подключитесь, остановите сервер (Ctrl-C), введите строку",
  "server_check.try.reconnects": "запустите echo-server, подключитесь, перезапустите сервер, снова запустите клиент",
};
