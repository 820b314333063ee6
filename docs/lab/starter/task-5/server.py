"""Эхо-сервер с журналом в файле; если порт занят, берёт следующий.

An echo server with its log in a file; where the port is busy, it takes the next one.
"""

import errno
import logging
import socket
import sys

HOST = "127.0.0.1"
PORT = 9090
LOG = "server.log"


def prompt(question, default):
    """Ответ; на Enter и Ctrl-D — значение по умолчанию. / The answer; Enter and Ctrl-D take the default."""
    try:
        return input(f"{question} [{default}]: ").strip() or str(default)
    except EOFError:
        return str(default)


def ask_port(default):
    """Порт от 1 до 65535. / A port from 1 to 65535."""
    while sys.stdin.isatty():
        text = prompt("Порт", default)
        if text.isdecimal() and 1 <= int(text) <= 65535:
            return int(text)
        print("Порт — целое число от 1 до 65535.")
    # Без терминала спрашивать некого. / Without a terminal there is nobody to ask.
    return default


def listen(port):
    """Слушающий сокет: этот порт или следующий свободный. / A listening socket: this port or the next free one."""
    while True:
        try:
            return socket.create_server((HOST, port))
        except OSError as error:
            # Только занятый порт — причина идти дальше. / Only a busy port is a reason to move on.
            if error.errno != errno.EADDRINUSE or port == 65535:
                raise
            logging.info("Порт %d занят", port)
            port += 1


def serve(conn):
    """Возвращает клиенту всё, что он пришлёт. / Returns to the client whatever it sends."""
    # Пустой ответ recv значит: клиент закончил. / An empty recv means: the client has finished.
    while data := conn.recv(1024):
        conn.sendall(data)


logging.basicConfig(
    filename=LOG, encoding="utf-8", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
)
with listen(ask_port(PORT)) as listener:
    port = listener.getsockname()[1]
    print("Слушаю порт", port, flush=True)
    logging.info("Слушаю порт %d", port)
    while True:
        conn, address = listener.accept()
        logging.info("Подключился клиент %s:%d", *address)
        try:
            with conn:
                serve(conn)
        except OSError as error:
            # Сброс — беда одного клиента, а не сервера. / A reset is one client's trouble, not the server's.
            logging.warning("Соединение с %s:%d потеряно: %s", *address, error)
        logging.info("Клиент %s:%d отключился", *address)
