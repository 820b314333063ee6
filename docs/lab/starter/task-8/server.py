"""Эхо-сервер с входом, который отделяет сообщения друг от друга.

An echo server with log-in that keeps messages apart.
"""

import errno
import hashlib
import hmac
import json
import logging
import os
import secrets
import socket
import sys
import time

from text_socket import TextSocket

HOST = "127.0.0.1"
PORT = 9090
LOG = "server.log"
USERS = "users.json"
ROUNDS = 600_000
TOKEN_LIFE = 24 * 60 * 60
ATTEMPTS = 3


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
            return TextSocket(fileno=socket.create_server((HOST, port)).detach())
        except OSError as error:
            # Только занятый порт — причина идти дальше. / Only a busy port is a reason to move on.
            if error.errno != errno.EADDRINUSE or port == 65535:
                raise
            logging.info("Порт %d занят", port)
            port += 1


def load_users():
    """Пользователи и сессии. / Users and sessions."""
    try:
        with open(USERS, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {"users": {}, "sessions": {}}


def save_users(data):
    """Заменяет файл целиком: сбой не испортит прежний. / Replaces the file as a whole: a crash spoils nothing."""
    with open(USERS + ".tmp", "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=2)
    os.replace(USERS + ".tmp", USERS)


def hash_password(password, salt):
    """Медленный хеш с солью: его трудно подбирать. / A slow, salted hash: hard to guess from."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS).hex()


def hash_token(token):
    """Токен случаен, ему хватит быстрого хеша. / A token is random, a quick hash will do."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(name, password):
    """Токен на сутки или None; новое имя регистрируется. / A token for a day, or None; a new name is registered."""
    data = load_users()
    user = data["users"].get(name)
    if user is None:
        salt = secrets.token_bytes(16)
        data["users"][name] = {"salt": salt.hex(), "hash": hash_password(password, salt)}
    # compare_digest не выдаёт временем, сколько знаков верны. / Its time does not tell how many characters are right.
    elif not hmac.compare_digest(user["hash"], hash_password(password, bytes.fromhex(user["salt"]))):
        return None
    token = secrets.token_urlsafe(32)
    data["sessions"][hash_token(token)] = {"name": name, "until": time.time() + TOKEN_LIFE}
    save_users(data)
    return token


def name_of_token(token):
    """Чей это токен; None, если ничей или истёк. / Whose token this is; None if nobody's, or expired."""
    session = load_users()["sessions"].get(hash_token(token))
    return session["name"] if session and session["until"] > time.time() else None


def ask(conn, question):
    """Вопрос клиенту и его ответ. / A question to the client, and its answer."""
    conn.send_text(question)
    return conn.recv_text().strip()


def log_in(conn):
    """Пускает по паролю или по токену (`TOKEN …`). / Lets in by password or by token (`TOKEN …`)."""
    question = "Имя?"
    for _ in range(ATTEMPTS):
        answer = ask(conn, question)
        if not answer:
            return False
        if answer.startswith("TOKEN "):
            name = name_of_token(answer[len("TOKEN "):])
            if name:
                conn.send_text(f"С возвращением, {name}!")
                return True
            question = "Токен не подходит. Имя?"
            continue
        password = ask(conn, "Пароль?")
        if not password:
            return False
        token = sign_in(answer, password)
        if token:
            conn.send_text(f"Добро пожаловать, {answer}! Токен: {token}")
            return True
        question = "Неверное имя или пароль. Имя?"
    conn.send_text("Слишком много попыток.")
    return False


def serve(conn):
    """После входа возвращает всё, что клиент пришлёт. / After the log-in, returns whatever the client sends."""
    if not log_in(conn):
        return
    while True:
        conn.send_text(conn.recv_text())


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
        except EOFError:
            logging.info("Клиент %s:%d отключился", *address)
        except (OSError, ValueError) as error:
            # Сброс или не текст — беда одного клиента. / A reset, or no text: one client's trouble.
            logging.warning("Соединение с %s:%d потеряно: %s", *address, error)
