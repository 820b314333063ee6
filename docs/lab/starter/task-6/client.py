"""Клиент: отвечает на вопросы сервера, посылает одну строку и печатает, что вернулось.

The client: answers the server's questions, sends one line and prints what came back.
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
    while True:
        text = prompt("Порт", default)
        if text.isdecimal() and 1 <= int(text) <= 65535:
            return int(text)
        print("Порт — целое число от 1 до 65535.")


host, port = prompt("Узел", HOST), ask_port(PORT)
try:
    conn = socket.create_connection((host, port))
except OSError as error:
    sys.exit(f"Не удалось подключиться к {host}:{port}: {error}")

with conn:
    # Одно чтение — ещё не одно сообщение: см. задание 7. / One read is not yet one message: see task 7.
    reply = conn.recv(1024).decode()
    while reply.endswith("?"):
        conn.sendall(input(f"{reply} ").encode())
        reply = conn.recv(1024).decode()
    print(reply)
    conn.sendall(input("Сообщение: ").encode())
    print(conn.recv(1024).decode())
