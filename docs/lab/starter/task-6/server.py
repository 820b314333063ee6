"""Эхо-сервер, который узнаёт клиента по IP-адресу, а у незнакомого спрашивает имя.

An echo server that knows a client again by its IP address, and asks a new one for a name.
"""

import errno
import json
import logging
import os
import socket
import sys

HOST = "127.0.0.1"
PORT = 9090
LOG = "server.log"
NAMES = "names.json"


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


def load_names():
    """Имена по адресам. / Names by address."""
    try:
        with open(NAMES, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def save_names(names):
    """Заменяет файл целиком: сбой не испортит прежний. / Replaces the file as a whole: a crash spoils nothing."""
    with open(NAMES + ".tmp", "w", encoding="utf-8") as file:
        json.dump(names, file, ensure_ascii=False, indent=2)
    os.replace(NAMES + ".tmp", NAMES)


def identify(conn, ip):
    """Здоровается по имени; незнакомого спрашивает. / Greets by name; asks whom it does not know."""
    names = load_names()
    if ip in names:
        conn.sendall(f"Здравствуйте, {names[ip]}!".encode())
        return True
    conn.sendall("Как вас зовут?".encode())
    # Одно чтение — ещё не одно сообщение: см. задание 7. / One read is not yet one message: see task 7.
    name = conn.recv(1024).decode(errors="replace").strip()
    if not name or not name.isprintable():
        return False
    save_names({**names, ip: name})
    conn.sendall(f"Приятно познакомиться, {name}!".encode())
    return True


def serve(conn, ip):
    """Узнаёт клиента и возвращает ему всё, что он пришлёт. / Knows the client and returns whatever it sends."""
    if not identify(conn, ip):
        return
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
                serve(conn, address[0])
        except OSError as error:
            # Сброс — беда одного клиента, а не сервера. / A reset is one client's trouble, not the server's.
            logging.warning("Соединение с %s:%d потеряно: %s", *address, error)
        logging.info("Клиент %s:%d отключился", *address)
