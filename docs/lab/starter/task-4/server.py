"""Эхо-сервер, который спрашивает порт и ведёт журнал в файле.

An echo server that asks for its port and keeps its log in a file.
"""

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


def serve(conn):
    """Возвращает клиенту всё, что он пришлёт. / Returns to the client whatever it sends."""
    # Пустой ответ recv значит: клиент закончил. / An empty recv means: the client has finished.
    while data := conn.recv(1024):
        conn.sendall(data)


logging.basicConfig(
    filename=LOG, encoding="utf-8", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
)
port = ask_port(PORT)
with socket.create_server((HOST, port)) as listener:
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
