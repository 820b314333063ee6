"""Клиент: входит по паролю или по токену и разговаривает; пустая строка заканчивает разговор.

The client: logs in by password or by token, and converses; an empty line ends the conversation.
"""

import getpass
import os
import socket
import sys

from text_socket import TextSocket

HOST = "127.0.0.1"
PORT = 9090
TOKEN = "token.txt"


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


def load_token():
    """Токен прошлого сеанса или None. / The last session's token, or None."""
    try:
        with open(TOKEN, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def save_token(token):
    """Токен открывает вход, как пароль: файл только для владельца. / Like a password: for the owner alone."""
    with open(os.open(TOKEN, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(token)


def answer(question, token):
    """Токен, если он есть; пароль вводится скрыто. / The token, if there is one; a password is not shown."""
    if question == "Имя?" and token:
        return f"TOKEN {token}"
    if question == "Пароль?":
        return getpass.getpass("Пароль? ")
    return input(f"{question} ")


host, port = prompt("Узел", HOST), ask_port(PORT)
try:
    conn = TextSocket(fileno=socket.create_connection((host, port)).detach())
except OSError as error:
    sys.exit(f"Не удалось подключиться к {host}:{port}: {error}")

try:
    with conn:
        token = load_token()
        reply = conn.recv_text()
        while reply.endswith("?"):
            conn.send_text(answer(reply, token))
            reply = conn.recv_text()
        reply, _, token = reply.partition(" Токен: ")
        if token:
            save_token(token)
        print(reply)
        while text := input("> "):
            conn.send_text(text)
            print(conn.recv_text())
except (EOFError, OSError, ValueError) as error:
    # Сервер может уйти посреди разговора. / The server may leave in the middle of a conversation.
    sys.exit(f"Разговор прерван: {error}")
