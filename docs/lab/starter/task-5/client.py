"""Клиент: спрашивает узел и порт, посылает одну строку и печатает, что вернулось.

The client: asks for host and port, sends one line and prints what came back.
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
    data = input("Сообщение: ").encode()
    conn.sendall(data)
    reply = b""
    # Ответ может прийти по частям. / The reply may come in parts.
    while len(reply) < len(data):
        part = conn.recv(1024)
        if not part:
            break
        reply += part

print(reply.decode())
