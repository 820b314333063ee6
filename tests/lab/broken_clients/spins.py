"""The mistake: the loop does not look for the end, and runs in circles."""

import correct


def recv_exactly(conn, size):
    data = b""
    while len(data) < size:
        data += conn.recv(size - len(data))
    return data


correct.recv_exactly = recv_exactly
correct.main()
