"""Эхо-сервер, который переживает уход клиента: отключился один, подключится другой.

An echo server that outlives its clients: one leaves, another can come.
"""

import socket

HOST = "127.0.0.1"
PORT = 9090


def serve(conn):
    """Возвращает клиенту всё, что он пришлёт. / Returns to the client whatever it sends."""
    # Пустой ответ recv значит: клиент закончил. / An empty recv means: the client has finished.
    while data := conn.recv(1024):
        conn.sendall(data)


with socket.create_server((HOST, PORT)) as listener:
    print("Слушаю порт", PORT, flush=True)
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
