import type { en } from "./texts_en.ts";

/** Тексты `echo-server`. */
export const ru: Readonly<Record<keyof typeof en, string>> = {
  "serve.page": "Страница: {url}",
  "serve.config_ok": "С такими настройками сервер запустится.",
  "about.main": "возвращает каждое сообщение тому клиенту, который его прислал.",
  "example.ask": "спросит порт и начнёт работу",
  "example.plain": "на всех адресах, порт 7000 или отказ",
  "example.raw": "без кадров: для nc, telnet, socat",
  "example.unix": "через сокет Unix",
  "example.auth": "пользователи входят по имени и паролю",
  "option.host": "адрес, который слушать; 0.0.0.0 и :: — все; unix:/path — сокет Unix",
  "option.port": "порт, который слушать; если занят, берётся следующий; 0 — любой свободный",
  "option.strict-port": "если порт занят, завершиться с кодом 69",
  "option.port-file": "записать порт в этот файл, когда сервер начнёт слушать",
  "option.max-frame": "самое длинное сообщение, которое принимается",
  "option.mode": "echo: возвращать всё; identify: узнавать клиентов по адресу; auth: сначала вход",
  "option.allow-insecure": "разрешить пароли и токены по сети без шифрования",
  "option.max-attempts": "сколько неудачных входов до закрытия соединения",
  "option.registration":
    "кто может регистрироваться в режиме auth: все (open), никто (closed) или по коду от users invite (invite)",
  "option.engine":
    "чем обслуживать соединения: сокетами Deno, io_uring (Linux 6.1) или io_uring, если он доступен (auto)",
  "option.workers": "сколько потоков принимают и обслуживают соединения на одном порту; auto — по числу ядер (Linux)",
  "option.max-connections": "соединений одновременно; 0 — без предела",
  "option.max-unauthenticated": "соединений до входа; 0 — без предела",
  "option.max-per-address": "соединений с одного адреса (IPv6: из одной /64); не для 127.0.0.1 и ::1; 0 — без предела",
  "option.dialogue-timeout": "время на весь диалог до начала сессии; 0s — без ограничения",
  "option.frame-timeout": "время на приём начатого сообщения целиком и ещё 1s на каждые 64KiB; 0s — без ограничения",
  "option.idle-timeout": "молчание, после которого соединение закрывается; 0s — никогда",
  "option.write-timeout": "время, за которое клиент должен принять отправленное; 0s — без ограничения",
  "option.max-pending": "сколько байт может ждать клиента, который читает медленно; с io_uring не больше 256KiB",
  "option.allow":
    "впускать только этих: сеть (192.0.2.0/24), адрес или @FILE, по одному на строке; SIGHUP читает заново",
  "option.deny": "не впускать этих; важнее, чем --allow",
  "option.metrics": "отдавать здесь по HTTP /metrics (Prometheus), /healthz и /readyz",
  "option.page": "показывать по этому адресу в браузере, кто подключён и что происходит; если не loopback — с токеном",
  "option.page-frames": "показывать на странице и последние сообщения, не больше 500; сообщения входа не показываются",
  "option.page-token-file": "файл с токеном страницы (по умолчанию создаётся новый токен, если он нужен)",
  "option.tls-cert": "использовать TLS с сертификатом из этого файла PEM; по SIGHUP он читается заново",
  "option.tls-key": "закрытый ключ сертификата, PEM",
  "option.data": "папка для журнала и базы",
  "option.log": "файл журнала (по умолчанию DIR/echo-server.log); - — стандартный вывод",
  "option.log-format": "строка на событие, для людей или для программ",
  "option.log-level": "debug, info, warn или error",
  "option.log-max-size": "размер, при котором начинается новый файл журнала; 0B — никогда",
  "option.log-keep": "сколько старых файлов журнала хранить",
  "option.drain-timeout": "сколько времени дать соединениям на завершение после SIGTERM",
  "option.json": "выводить строку Listening или результат команды как JSON",
  "option.verbose": "повторять журнал в стандартный поток ошибок",
  "reason.workers_unix": "несколько потоков не могут делить один сокет Unix; уберите --workers или {option}",
  "reason.workers_system": "эта система ({system}) не распределяет соединения между потоками; уберите --workers",
  "reason.sockets_engine":
    "их может принять только io_uring (LISTEN_FDS={count}); уберите {option} или остановите socket-юнит и задайте --host и --port",
  "reason.sockets_ring":
    "systemd передал сокеты (LISTEN_FDS={count}), принять их может только io_uring, а {why}; остановите socket-юнит и задайте --host и --port",
  "reason.sockets_option":
    "они заменяют --host и --port (LISTEN_FDS={count}); уберите {option} или остановите socket-юнит",
  "reason.sockets_kind":
    "дескриптор {fd} — не слушающий потоковый сокет; в socket-юните нужны ListenStream= и Accept=no",
  "option.udp":
    "отвечать и на датаграммы (UDP, RFC 862) на том же адресе и порту; каждая — сообщение при любом --framing",
  "option.allow-faults": "обслуживать с имитацией сбоев и другие машины",
  "example.fault": "каждый ответ приходит на 100 мс позже",
  "option.check-config": "проверить параметры, файл настроек, сети и сертификат и завершиться",
  "option.quiet": "не выводить строку Listening",
  "option.proxy-protocol":
    "ожидать заголовок PROXY (v1 или v2) от этих балансировщиков (сеть или адрес); журнал, ограничения и --allow видят адрес клиента",
  "option.proxy-tls":
    "считать зашифрованным соединение клиента, который подключён к балансировщику по TLS (об этом сообщает PROXY v2): пароли и токены разрешены",
};
