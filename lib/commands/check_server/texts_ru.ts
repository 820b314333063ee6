import type { en } from "./texts_en.ts";

/** Что говорит проверка сервера, по-русски; ключи те же, что в `check_en.ts`. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "about.check": "проверяет эхо-сервер на любом языке, задание за заданием, и называет вероятные ошибки.",
  "example.check.plain": "сервер, который уже запущен",
  "example.check.command":
    "запустить и сам сервер: тогда проверяются и журнал, и консоль, и порт, и загрузка процессора",
  "example.check.tasks": "два задания; заголовок из десяти цифр",
  "example.check.junit": "для программы и для системы, собирающей результаты тестов",
  "option.check.framing": "формат кадров: {framings} (по умолчанию определяется)",
  "option.check.command": "запустить сервер этой командой оболочки, а потом остановить",
  "option.check.dir": "где запускается команда и где ищутся файлы (с --command — текущая папка)",
  "option.check.pid": "номер процесса сервера: следить за временем процессора и дескрипторами",
  "option.check.register":
    "что отвечает серверу новый пользователь, по строке на каждое сообщение; {name} и {password} подставляются",
  "option.check.answer":
    "ответить этой строкой на вопрос сервера при запуске; {host} и {port} подставляются (по умолчанию Enter)",
  "option.check.tasks": "номера проверяемых заданий (по умолчанию все)",
  "option.check.user": "имя, под которым входить (по умолчанию новое)",
  "option.check.password-file": "взять пароль из этого файла (по умолчанию новый)",
  "option.check.timeout": "предельное время всей проверки",
  "option.check.json": "вывести отчёт одной строкой JSON",
  "option.check.junit": "записать отчёт в этот файл в формате JUnit XML",
  "reason.no_process": "такого процесса нет",
  "reason.folder": "это не папка",

  "check.not_started": "Сервер не слушает; последняя строка его вывода: {output}",
  "check.not_started_in_time":
    "Сервер не начал слушать за отведённое время (--timeout); последняя строка его вывода: {output}",
  "check.no_output": "(нет)",
  "check.interrupted": "Прервано.",

  "check.title.leave-close": "клиент отключается",
  "check.title.leave-half-close": "клиент закрывает своё направление (shutdown)",
  "check.title.leave-mid-frame": "клиент отключается посреди сообщения",
  "check.title.leave-reset": "клиент сбрасывает соединение",
  "check.title.no-spin": "когда клиентов нет, процессор свободен",
  "check.title.no-leak": "дескрипторы освобождаются",
  "check.title.default-port": "Enter в ответ на вопрос — значение по умолчанию",
  "check.title.log-file": "служебные сообщения — в файле",
  "check.title.quiet-console": "… а не на консоли",
  "check.title.port-fallback": "порт занят: берётся другой",
  "check.title.port-printed": "… и выводится",
  "check.title.knows-client": "знакомого клиента приветствуют по имени",
  "check.title.right-password": "вход с верным паролем выполняется",
  "check.title.wrong-password": "вход с неверным паролем отклоняется",
  "check.title.password-not-plain": "пароля нет ни в одном файле",
  "check.title.token": "токен заменяет пароль",
  "check.title.split-header": "заголовок приходит по одному байту",
  "check.title.merged-frames": "два сообщения приходят одним куском",
  "check.title.large-frame": "сообщение, которое не помещается в один recv",
  "check.title.split-utf8": "сообщение разрезано посреди символа",
  "check.title.empty-message": "пустое сообщение",
  "check.title.byte-lengths": "длина считается в байтах: кириллица",
  "check.title.emoji": "эмодзи",
  "check.title.many-messages": "сто сообщений по очереди",
  "check.title.many-clients": "несколько клиентов одновременно",
  "check.title.exit-word": "exit одного клиента не завершает сервер",

  "check.say.asked": "«{text}»",
  "check.say.asked_many": "{count} {count|сообщение|сообщения|сообщений}, каждое после ответа на предыдущее",
  "check.say.in_pieces": "по частям: {bytes}",
  "check.say.in_one_segment": "одним куском: {bytes}",
  "check.say.large": "сообщение в {size} {size|байт|байта|байт}, сначала его начало",
  "check.say.at_once":
    "{count} {count|клиент подключается|клиента подключаются|клиентов подключаются}, каждый отправляет сообщение; никто не отключается",
  "check.say.closed": "клиент получил ответ и закрыл соединение",
  "check.say.half_closed": "клиент закрыл своё направление (shutdown), подождал и отключился",
  "check.say.closed_mid_frame": "{bytes} — и соединение закрыто",
  "check.say.reset": "сообщение, ответ на которое не прочитан: закрытие сбрасывает соединение",
  "check.say.came_and_went":
    "{count} {count|клиент подключился и отключился|клиента подключились и отключились|клиентов подключились и отключились}",
  "check.say.watched": "клиенты отключились, никого нет",
  "check.say.started_twice": "команда запущена второй раз рядом с первой",
  "check.say.started": "клиенты подключались и отключались",
  "check.say.searched": "пароль искали в файлах: {count}",
  "check.say.came_again": "второе соединение после того, как названо имя {name}",
  "check.say.logged_in": "прежние имя и пароль",
  "check.say.logged_in_wrong": "прежнее имя и другой пароль",
  "check.say.token_sent": "токен вместо имени и пароля",
  "check.say.nothing": "ничего",
  "check.say.nothing_within": "ничего за {ms} мс",
  "check.say.ended": "сервер закрыл соединение",
  "check.say.ended_after": "{bytes}, затем сервер закрыл соединение",
  "check.say.was_reset": "соединение сброшено",
  "check.say.answered": "эхо: {text}",
  "check.say.answered_some": "ответов {count} из {total}",
  "check.say.refused": "новому клиенту отказано: никто больше не слушает",
  "check.say.not_served": "новый клиент подключён, но не получает ответа",
  "check.say.served": "новый клиент обслужен",
  "check.say.cpu": "{percent} % процессора",
  "check.say.descriptors": "дескрипторов было {before}, стало {after}",
  "check.say.files": "{files}",
  "check.say.no_files": "ни один файл не вырос, когда пришёл клиент",
  "check.say.console": "строк: {count}, первая: «{line}»",
  "check.say.listens": "второй слушает порт {port}",
  "check.say.exited": "второй не слушает: «{line}»",
  "check.say.found_in": "найден в {file}",

  "check.say.why_gone_after_leave":
    'Сервер завершается вместе с клиентом: accept стоит вне цикла, или не обработано то, что recv вернул b"".',
  "check.say.why_stuck_after_leave":
    'Сервер слушает, но никого не обслуживает: он всё ещё читает у отключившегося клиента; recv в этом случае возвращает b"", и цикл должен закончиться.',
  "check.say.why_gone_after_reset":
    "Сброс соединения завершает сервер: ConnectionResetError (или BrokenPipeError) надо перехватывать там, где обслуживается один клиент.",
  "check.say.why_gone_after_half_close":
    'Клиент, закончивший передачу, завершает сервер: recv возвращает b"" — это конец клиента, а не сервера.',
  "check.say.why_gone_mid_frame":
    'Клиент, отключившийся посреди сообщения, завершает сервер: recv возвращает b"" раньше, чем сообщение получено целиком, и это не обработано.',
  "check.say.why_half_close_silent":
    'Клиент, закончивший передачу, не получает ответа: конец передачи (recv вернул b"") принят за отключение раньше, чем отправлен ответ.',
  "check.say.why_spin":
    'Клиентов нет, а сервер занимает {percent} % процессора: recv снова и снова сразу возвращает b"", а цикл этого не проверяет.',
  "check.say.why_leak":
    "Не освобождено дескрипторов: {count}; всё, что открыто для клиента (сокет, файл), надо закрывать после его отключения.",
  "check.say.why_characters":
    "Длина считается в символах, а не в байтах: {text} — это {bytes} {bytes|байт|байта|байт}, а в заголовке {said}; сначала encode, потом len.",
  "check.say.why_waits_for_characters":
    "Сервер принимает длину за число символов: {text} — это {bytes} {bytes|байт|байта|байт} и {characters} {characters|символ|символа|символов}, и он ждёт ещё.",
  "check.say.why_utf8_ended": "На кириллице соединение закрывается: текст читается не как UTF-8 или неверна длина.",
  "check.say.why_utf8_changed": "Кириллица возвращается искажённой: текст читается или пишется не в UTF-8.",
  "check.say.why_emoji_units":
    "Длина эмодзи неверна: сообщение — {bytes} {bytes|байт|байта|байт}, а в заголовке {said}; символ может занимать четыре байта или две единицы UTF-16.",
  "check.say.why_emoji_changed":
    "Кириллица возвращается, а эмодзи нет: символы в четыре байта теряются (кодировка не UTF-8 или разрезанная пара UTF-16).",
  "check.say.why_emoji_ended":
    "На эмодзи нет ответа: символ в четыре байта не декодируется или не записывается (кодировка не UTF-8?).",
  "check.say.why_split_utf8_ended":
    "Каждая часть декодируется сразу: разрезанный символ вызывает ошибку; соберите байты сообщения и декодируйте один раз.",
  "check.say.why_split_utf8_changed":
    "Каждая часть декодируется сразу, и разрезанный символ подменяется; соберите байты сообщения и декодируйте один раз.",
  "check.say.why_unframed":
    "Формат кадров {framing} не поддерживается: сервер отвечает, не читая или не отправляя такого заголовка.",
  "check.say.why_header_once":
    "Заголовок читается одним recv, который может вернуть меньше {header} {header|байта|байт|байт}: читайте, пока не придут все.",
  "check.say.why_header_ended":
    "Часть заголовка принята за весь, и соединение закрылось: recv({header}) возвращает не больше {header} {header|байта|байт|байт}; читайте, пока не придут все.",
  "check.say.why_merged_lost":
    "Второе сообщение потеряно: то, что recv вернул сверх первого, надо сохранить для следующего.",
  "check.say.why_merged_changed":
    "Два сообщения, пришедшие вместе, приняты за одно: читайте столько байт, сколько указано в заголовке, а остальное храните для следующего.",
  "check.say.why_large_short":
    "На сообщение вызывается один recv: он возвращает то, что есть, а не все {size} байт; читайте, пока сообщение не придёт целиком.",
  "check.say.why_large_ended":
    "Сообщение в {size} байт обрывает соединение: в один recv оно не помещается, а прочитана только первая часть.",
  "check.say.why_large_silent":
    "На сообщение в {size} байт нет ответа: часть принята за целое или ответ отправляется через send вместо sendall.",
  "check.say.why_large_changed": "Сообщение в {size} байт возвращается не таким: пришедшее по частям не собрано.",
  "check.say.why_empty_ended":
    'Пустое сообщение принято за конец соединения: длина ноль — тоже сообщение; конец — когда recv вернул b"" вместо заголовка.',
  "check.say.why_empty_silent": "На пустое сообщение нет ответа: длина ноль — такое же сообщение.",
  "check.say.why_empty_changed": "Пустое сообщение возвращается другим: длина ноль — такое же сообщение.",
  "check.say.why_silent":
    "Нет ответа ни на одно сообщение ни в одном формате кадров: сервер ничего не возвращает или ждёт заголовка, которого не угадать (--framing).",
  "check.say.why_silent_in":
    "Нет ответа на сообщения {framing}: верен ли формат кадров? Без --framing он определяется.",
  "check.say.why_once": "Соединение закрывается после первого ответа: приём и ответ должны стоять в цикле.",
  "check.say.why_many_stopped":
    "Обмен обрывается на сообщении {number}: цикл по сообщениям должен идти, пока клиент не закроет соединение.",
  "check.say.why_many_changed":
    "На сообщение {number} приходит неверный ответ: что-то осталось от прежних сообщений или ответы перепутаны.",
  "check.say.why_one_client":
    "Клиенты обслуживаются по одному: следующий ждёт отключения первого; каждому нужен свой поток, процесс или задача.",
  "check.say.why_clients_mixed":
    "При нескольких клиентах ответы путаются: данные одного клиента хранятся в месте, общем для всех.",
  "check.say.why_no_log":
    "В файлы этой папки ничего не пишется: служебные сообщения должны быть там (или они остаются в буфере, который не сбрасывается).",
  "check.say.why_log_silent":
    "В файле нет ничего о подключавшихся клиентах: подключения должны сразу попадать в журнал (flush).",
  "check.say.why_console":
    "Служебные сообщения всё ещё выводятся на консоль: остался print или консольный обработчик журнала.",
  "check.say.why_busy":
    "Порт {port} занят, и второй сервер завершается: поймайте «адрес уже используется» (EADDRINUSE) и попробуйте следующий порт.",
  "check.say.why_reuse_port":
    "Оба сервера без ошибки слушают порт {port}: SO_REUSEPORT позволяет его делить; нужен SO_REUSEADDR.",
  "check.say.why_not_printed": "Сервер слушает порт {port}, но не выводит его: никто его не найдёт.",
  "check.say.why_printed_other":
    "Сервер слушает порт {port}, а выводит другой: выводите полученный порт (getsockname), а не желаемый.",
  "check.say.why_no_dialogue": "Сервер не спрашивает имя: он возвращает полученное и никого не узнаёт.",
  "check.say.why_no_password": "Сервер не спрашивает пароль: он верит любому, кто назовёт имя.",
  "check.say.why_forgot":
    "Имя спрашивается снова: клиент различается по адресу вместе с портом (порт каждый раз другой) или имя не сохраняется сразу.",
  "check.say.why_nameless": "Клиент узнан, но в приветствии нет его имени.",
  "check.say.why_right_refused":
    "Выбранный пароль потом не подходит: он не сохранён или сравнивается не с тем (другая соль?).",
  "check.say.why_wrong_accepted": "Вход с неверным паролем выполняется: введённое не сравнивается с сохранённым.",
  "check.say.why_plain":
    "Пароль хранится открытым текстом: храните медленный хеш с солью (PBKDF2, scrypt) и не пишите сообщения в журнал.",
  "check.say.why_encoded":
    "Пароль хранится в base64 или шестнадцатеричном виде, который легко обратить: храните медленный хеш с солью (PBKDF2, scrypt).",
  "check.say.why_token": "Выданный токен не принимается: он не сохранён или сравнивается не с тем.",

  "check.say.skip_gone": "сервера больше нет (с --command он запускается снова)",
  "check.say.skip_time": "истекло время проверки (--timeout)",
  "check.say.skip_blocked": "проверить нельзя, пока не пройдена {check}",
  "check.say.skip_raw": "в raw нет сообщений: ни заголовка, ни границ",
  "check.say.skip_no_header": "в {framing} нет заголовка, который можно разделить",
  "check.say.skip_no_echo": "сервер не возвращает полученное",
  "check.say.skip_no_framing": "формат кадров не определён (--framing)",
  "check.say.skip_small": "в сообщении не больше {size} {size|байта|байт|байт}",
  "check.say.skip_decorated": "без кадров добавки к каждой части не отличить от самого сообщения",
  "check.say.skip_needs_pid": "нужен --pid или --command",
  "check.say.skip_needs_command": "нужен --command",
  "check.say.skip_needs_dir": "нужен --dir или --command",
  "check.say.skip_no_proc": "в этой системе нет /proc",
  "check.say.skip_no_dialogue": "сервер не спрашивает имя",
  "check.say.skip_no_password": "сервер не спрашивает пароль",
  "check.say.skip_no_token": "сервер не выдаёт токен (дополнительные баллы)",
  "check.say.skip_token_use": "выдано что-то похожее на токен; как им пользоваться, неизвестно",
  "check.say.skip_has_passwords": "клиенты узнаются по паролю (задание 6)",
  "check.say.skip_dialogue_lost": "ответы сервера не распознаны",
  "check.say.skip_spin": "см. no-spin",
  "check.say.skip_no_reset": "отсюда сбросить соединение нельзя",

  "check.say.pressed_enter": "Enter в ответ на вопросы: {count}",
  "check.say.listens_first": "сервер слушает",
  "check.say.died": "программа завершилась: {death}",
  "check.say.why_protocol": "Это не эхо-сервер: он использует {protocol}.",
  "check.say.why_no_echo": "Сервер отвечает не тем, что отправлено: эхо возвращает полученное.",
  "check.say.why_dies":
    "Сервер падает от любого сообщения: прочитайте ошибку и перехватите то, что может вызвать один клиент.",
  "check.say.why_dies_at_once": "Сервер падает, как только подключается клиент: прочитайте ошибку.",
  "check.say.why_closes_at_once": "Сервер сразу закрывает каждое соединение, ничего не отправив.",
  "check.say.why_keyboard":
    "Сервер ждёт ввода с клавиатуры и никого не обслуживает: input() не место в цикле, обслуживающем клиентов.",
  "check.say.why_accumulates": "В каждом ответе есть все прежние сообщения: переменная не очищается перед следующим.",
  "check.say.why_no_header":
    "У сообщений нет заголовка: два могут прийти как одно, а одно — как два. Перед каждым нужна его длина.",
  "check.say.asks_again": "тот же вопрос ещё раз",
  "check.say.why_asks_again": "После Enter вопрос повторяется: пустая строка должна означать значение по умолчанию.",
  "check.say.why_handler_dies":
    "Обработчик клиента падает с исключением, не успев ответить; сам сервер при этом продолжает работать.",
  "check.say.why_no_default":
    "Enter завершает сервер: пустая строка — не число, она должна означать значение по умолчанию.",
  "check.say.why_port_left":
    "Сервер нельзя запустить снова: он закрывает соединение первым, и порт минуту остаётся в TIME_WAIT. Задайте SO_REUSEADDR до bind и пробуйте следующий порт, если этот занят.",
  "check.say.why_digest":
    "Пароль хранится как {kind} без соли: по таблицам его находят сразу. Нужен медленный хеш с солью (PBKDF2, scrypt).",
  "check.say.skip_lifeless": "сервер никого не обслуживает: см. many-messages",
  "check.say.skip_changed": "текст возвращается изменённым",
  "check.say.skip_known": "сервер уже знает этот адрес: удалите файл, в котором он его запомнил",
  "check.say.skip_no_newcomers": "новых пользователей сервер не принимает: укажите --user и --password-file",
  "check.say.skip_no_login": "войти не удаётся",
  "check.say.skip_port_left": "порт минуту остаётся в TIME_WAIT: сервер нельзя запустить снова (SO_REUSEADDR)",
  "check.say.note_changed": "Текст возвращается изменённым, но на каждое сообщение есть ответ: это допускается.",
  "check.say.note_packed": "Ответы — {form}, а не само сообщение; это допускается.",
  "check.say.note_blank": "Вместо пробелов возвращается «{blank}»; это допускается.",
  "check.say.why_only_greets":
    "Сервер здоровается и сразу закрывает соединение, ничего не прочитав: принимать и отвечать нужно до закрытия.",
  "check.say.note_exception": "На консоль вышло исключение, которое никто не перехватил: {words}",
  "check.say.skip_length_line":
    "длина стоит в отдельной строке, а не в заголовке фиксированной длины: такой вид не проверяется",
  "check.say.skip_packed": "сообщения упакованы в объекты: их байты не проверяются",
  "check.say.skip_wants_json": "сервер ждёт сообщений в JSON, поля которых проверяющему неизвестны",
  "check.say.skip_unknown_header":
    "сервер обрывает соединение на чужом заголовке, а его собственного проверяющий не знает (--framing)",
  "check.say.note_takes_name": "Первое сообщение соединения принимается за имя; эхо начинается со второго.",
  "check.say.note_greeting": "Сервер начинает первым: «{text}»",
  "check.say.note_prefix": "Эхо не точное: перед сообщением «{prefix}», после него «{suffix}»; это допускается.",
  "check.say.note_upper": "Эхо прописными буквами; это допускается.",
  "check.say.note_lower": "Эхо строчными буквами; это допускается.",
  "check.say.note_no_framing": "Нет ответа ни в одном формате кадров: укажите --framing, если знаете.",
  "check.say.note_limit":
    "{size} {size|байт|байта|байт} не принимается, {taken} {taken|байт|байта|байт} принимается: ограничение допустимо.",
  "check.say.note_dialogue": "Имя, под которым входит проверка: {name}.",
  "check.title.bad-answers": "abc и 70000 на вопрос о порте",
  "check.title.remembers-client": "… и после перезапуска",
  "check.title.remembers-password": "… и после перезапуска",
  "check.say.restarted": "сервер остановлен и запущен снова",
  "check.say.typed": "на терминале, в ответ на вопрос о порте: {typed}",
  "check.say.reaction_listens": "сервер слушает порт",
  "check.say.reaction_asks": "сервер работает дальше",
  "check.say.reaction_waits": "сервер ждёт",
  "check.say.why_forgets":
    "После перезапуска сервер никого не помнит: клиента нужно сразу записать в файл и прочитать этот файл при запуске.",
  "check.say.why_bad_answer":
    "{typed} на вопрос о порте завершает сервер исключением: перехватите его, сообщите об ошибке и спросите снова или возьмите значение по умолчанию.",
  "check.say.skip_no_terminal": "здесь нет псевдотерминала (его создаёт script из util-linux)",
  "check.say.skip_terminal_unasked": "на терминале сервер ни о чём не спрашивает",
  "check.say.skip_no_restart": "сразу после остановки сервер не начал слушать порт",
  "check.say.note_end_of_input": "Конец ввода (Ctrl-D) завершает его исключением: {words}",
  "check.say.note_salted":
    "{kind} с солью лучше, чем ничего, но это быстрый хеш: PBKDF2 или scrypt замедлит подбор в сотню тысяч раз.",
  "check.say.skip_no_question": "при запуске сервер ни о чём не спрашивает",
  "check.say.skip_not_stored": "имени тоже нет ни в одном файле: ничего не сохранено",
  "check.try.leave-close": "дважды: echo-client -m one --framing {framing} {at}",
  "check.try.leave-half-close":
    "printf one | nc -N или shutdown(SHUT_WR) в клиенте, затем echo-client -m one --framing {framing} {at}",
  "check.try.leave-mid-frame":
    "подключитесь, отправьте половину сообщения, закройте соединение; затем echo-client -m one --framing {framing} {at}",
  "check.try.leave-reset":
    "подключитесь, отправьте сообщение и закройте соединение, не читая ответа; затем echo-client -m one --framing {framing} {at}",
  "check.try.no-spin": "echo-client -m one --framing {framing} {at}, затем посмотрите в top, пока клиентов нет",
  "check.try.no-leak": "echo-client -m one --framing {framing} {at} двадцать раз; сравните ls /proc/PID/fd до и после",
  "check.try.default-port": "запустите сервер в терминале и отвечайте на его вопросы клавишей Enter",
  "check.try.bad-answers": "запустите сервер в терминале и ответьте abc, потом 70000",
  "check.try.log-file": "echo-client -m one --framing {framing} {at}, затем найдите в папке файл с записью об этом",
  "check.try.quiet-console": "echo-client -m one --framing {framing} {at} и смотрите на терминал сервера",
  "check.try.port-fallback": "запустите сервер в двух терминалах",
  "check.try.port-printed": "запустите сервер в двух терминалах и сравните номера портов, которые они назвали",
  "check.try.knows-client": "подключитесь дважды с одного компьютера, назвав имя только в первый раз",
  "check.try.remembers-client": "подключитесь и назовите имя, перезапустите сервер, подключитесь снова",
  "check.try.right-password": "войдите дважды с одним именем и паролем",
  "check.try.wrong-password": "войдите снова с тем же именем и другим паролем",
  "check.try.remembers-password": "войдите, перезапустите сервер; войдите с другим паролем, потом с верным",
  "check.try.password-not-plain": "войдите, затем найдите в файлах сервера пароль или его md5",
  "check.try.token": "войдите, сохраните токен, подключитесь снова и отправьте его вместо имени",
  "check.try.split-header": "в клиенте: отправьте первый байт заголовка, sleep(1), отправьте остальное",
  "check.try.merged-frames": "в клиенте: один sendall с двумя сообщениями подряд; вернуться должны оба",
  "check.try.large-frame": "echo-client -m \"$(head -c 70000 /dev/zero | tr '\\0' a)\" --framing {framing} {at}",
  "check.try.split-utf8":
    "в клиенте: отправьте привет двумя частями, разрезав после третьего байта, между ними sleep(1)",
  "check.try.empty-message": "echo-client -m '' --framing {framing} {at}",
  "check.try.byte-lengths": "echo-client -m привет --framing {framing} {at}",
  "check.try.emoji": "echo-client -m 🙂 --framing {framing} {at}",
  "check.try.many-messages": "seq 100 | echo-client --framing {framing} {at}",
  "check.try.many-clients": "echo-client --framing {framing} {at} в двух терминалах; вводите в обоих",
  "check.try.exit-word":
    "echo-client -m exit --framing {framing} {at}, затем echo-client -m привет --framing {framing} {at}",
  "check.say.closed_silent": "клиент подключился и закрыл соединение, ничего не отправив",
  "check.say.why_counts_itself":
    "Длина в заголовке включает и сам заголовок ({framing} плюс свои байты); другие ждут длину только текста.",
  "check.say.note_trims":
    "Пробелы по краям сообщения теряются: strip() нужен для того, что вводит человек, а не для того, что пересылается.",
  "check.say.note_cut_nul": "Сообщение обрезается или меняется на нулевом байте.",
  "check.say.note_line_ends": "Концы строк внутри сообщения меняются или завершают его.",
  "check.say.note_bytes_replaced":
    'Байты, не являющиеся UTF-8, возвращаются заменёнными ({bytes}): текст декодируется с errors="replace".',
  "check.say.note_bytes_dropped":
    'Байты, не являющиеся UTF-8, пропадают ({bytes}): текст декодируется с errors="ignore".',
  "check.say.note_bytes_recoded":
    "Байты, не являющиеся UTF-8, читаются в кодировке {read} и возвращаются в UTF-8 ({bytes}).",
  "check.say.note_bytes_end":
    "На байты, не являющиеся UTF-8, нет ответа ({bytes}): на них падает decode(); передавайте байты как есть или перехватывайте UnicodeDecodeError.",
  "check.say.note_bytes_changed": "Байты, не являющиеся UTF-8, возвращаются изменёнными: {bytes} как {received}.",
  "check.say.why_exit_ends":
    "{word} от одного клиента завершает сервер для всех: завершаться должен разговор с этим клиентом, то есть его соединение.",
};
