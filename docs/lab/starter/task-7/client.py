"""Клиент: входит по паролю, в следующий раз по токену, посылает одну строку и печатает, что вернулось.

The client: logs in by password, next time by token, sends one line and prints what came back.
"""

import getpass
import os
import socket
import sys

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
    """Токен прошлой сессии или None. / The last session's token, or None."""
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
    conn = socket.create_connection((host, port))
except OSError as error:
    sys.exit(f"Не удалось подключиться к {host}:{port}: {error}")

with conn:
    # Одно чтение — ещё не одно сообщение: см. задание 7. / One read is not yet one message: see task 7.
    token = load_token()
    reply = conn.recv(1024).decode()
    while reply.endswith("?"):
        conn.sendall(answer(reply, token).encode())
        reply = conn.recv(1024).decode()
    reply, _, token = reply.partition(" Токен: ")
    if token:
        save_token(token)
    print(reply)
    conn.sendall(input("Сообщение: ").encode())
    print(conn.recv(1024).decode())
