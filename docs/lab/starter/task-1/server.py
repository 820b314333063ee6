"""Эхо-сервер на одного клиента: клиент уходит, и сервер завершается.

An echo server for one client: when the client leaves, the server ends.
"""

import socket

HOST = "127.0.0.1"
PORT = 9090

# create_server — это socket(), bind() и listen(). / create_server is socket(), bind() and listen().
with socket.create_server((HOST, PORT)) as listener:
    print("Слушаю порт", PORT, flush=True)
    conn, address = listener.accept()
    with conn:
        print("Подключился клиент", address, flush=True)
        # Пустой ответ recv значит: клиент закончил. / An empty recv means: the client has finished.
        while data := conn.recv(1024):
            conn.sendall(data)
    print("Клиент отключился", flush=True)
