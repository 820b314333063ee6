"""Клиент: посылает одну строку и печатает, что вернулось.

The client: sends one line and prints what came back.
"""

import socket

HOST = "127.0.0.1"
PORT = 9090

data = input("Сообщение: ").encode()

with socket.create_connection((HOST, PORT)) as conn:
    conn.sendall(data)
    reply = b""
    # Ответ может прийти по частям. / The reply may come in parts.
    while len(reply) < len(data):
        part = conn.recv(1024)
        if not part:
            break
        reply += part

print(reply.decode())
