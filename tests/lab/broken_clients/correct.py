"""A client without a mistake: each broken one beside it is this one with one."""

import os
import socket
import struct


def recv_exactly(conn, size):
    data = b""
    while len(data) < size:
        part = conn.recv(size - len(data))
        if not part:
            raise ConnectionError("the server has left")
        data += part
    return data


def send(conn, text):
    data = text.encode()
    conn.sendall(struct.pack(">I", len(data)) + data)


def receive(conn):
    (size,) = struct.unpack(">I", recv_exactly(conn, 4))
    return recv_exactly(conn, size).decode()


def converse(conn):
    while (text := input("> ")) != "exit":
        send(conn, text)
        print(receive(conn))


def connect():
    return socket.create_connection((os.environ["ECHO_HOST"], int(os.environ["ECHO_PORT"])))


def main():
    with connect() as conn:
        try:
            converse(conn)
        except (EOFError, OSError) as error:
            print(f"The end: {error}")


if __name__ == "__main__":
    main()
