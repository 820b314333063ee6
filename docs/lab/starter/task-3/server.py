"""Эхо-сервер, который спрашивает порт.

An echo server that asks for its port.
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 9090


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


port = ask_port(PORT)
with socket.create_server((HOST, port)) as listener:
    print("Слушаю порт", port, flush=True)
    while True:
        conn, address = listener.accept()
        print("Подключился клиент", address, flush=True)
        try:
            with conn:
                serve(conn)
        except OSError as error:
            # Сброс — беда одного клиента, а не сервера. / A reset is one client's trouble, not the server's.
            print("Соединение потеряно:", error, flush=True)
        print("Клиент отключился", flush=True)
