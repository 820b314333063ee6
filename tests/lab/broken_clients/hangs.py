"""The mistake: it waits for the server to come back."""

import threading

import correct


def recv_exactly(conn, size):
    data = b""
    while len(data) < size:
        part = conn.recv(size - len(data))
        if not part:
            threading.Event().wait()
        data += part
    return data


correct.recv_exactly = recv_exactly
correct.main()
