"""What a client that knows nothing of these tools sees of their faults: sockets of the system, and nothing else.

    seen_faults.py serve             echoes bytes and datagrams on one port of 127.0.0.1, which it prints
    seen_faults.py CHECK PORT ...    prints what CHECK saw as JSON: {"seen": text, "ok": bool}
"""

import hashlib
import json
import socket
import statistics
import struct
import sys
import threading
import time

HOST = "127.0.0.1"


def serve():
    tcp, udp = socket.create_server((HOST, 0), backlog=128), socket.socket(type=socket.SOCK_DGRAM)
    port = tcp.getsockname()[1]
    udp.bind((HOST, port))
    print(port, flush=True)

    def echo(conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while data := conn.recv(65536):
                conn.sendall(data)
            conn.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        conn.close()

    def datagrams():
        while True:
            udp.sendto(*udp.recvfrom(65536))

    threading.Thread(target=datagrams, daemon=True).start()
    while True:
        threading.Thread(target=echo, args=(tcp.accept()[0],), daemon=True).start()


def connect(port):
    conn = socket.create_connection((HOST, port), timeout=30)
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return conn


def framed(payload):
    return struct.pack(">I", len(payload)) + payload


def exactly(conn, size):
    data = b""
    while len(data) < size:
        part = conn.recv(size - len(data))
        if not part:
            raise EOFError(f"ended after {len(data)} of {size} bytes")
        data += part
    return data


def reply(conn):
    return exactly(conn, struct.unpack(">I", exactly(conn, 4))[0])


def rest(conn):
    """All until the end, and how it ended."""
    data = b""
    try:
        while part := conn.recv(65536):
            data += part
        return data, "FIN"
    except ConnectionResetError:
        return data, "RST"


def ms(value):
    return f"{value:.1f} ms"


def near(value, wanted, share=0.1):
    return abs(value - wanted) <= share * wanted


def times(port, count=40):
    """How long echoes take, in ms, one after the other."""
    conn, took = connect(port), []
    for number in range(count):
        began = time.perf_counter()
        conn.sendall(framed(b"%08d" % number))
        assert reply(conn) == b"%08d" % number
        took.append((time.perf_counter() - began) * 1000)
    return took


def latency(port):
    took = times(port)
    return f"median {ms(statistics.median(took))}, least {ms(min(took))}", all(near(one, 100) for one in (statistics.median(took), min(took)))


def jitter(port):
    took = times(port)
    inside = sum(79.5 <= one <= 125 for one in took)
    mean, spread = statistics.mean(took), statistics.stdev(took)
    return f"mean {ms(mean)}, σ {ms(spread)}, {inside} of 40 within 80 to 120", near(mean, 100) and near(spread, 11.5, 0.4) and inside >= 38


def normal(port):
    took = times(port)
    mean, spread = statistics.mean(took), statistics.stdev(took)
    return f"mean {ms(mean)}, σ {ms(spread)}", near(mean, 100) and near(spread, 20, 0.4)


def pareto(port):
    took = times(port)
    middle = statistics.median(took)
    return f"least {ms(min(took))}, median {ms(middle)}", near(min(took), 100) and near(middle, 108.3)


def rate(port):
    """Bytes a second between the first and the last of 600 KiB."""
    conn, total = connect(port), 150 * (4096 + 4)
    threading.Thread(target=lambda: [conn.sendall(framed(bytes(4096))) for _ in range(150)], daemon=True).start()
    first = len(conn.recv(65536))
    began, got = time.perf_counter(), 0
    while first + got < total:
        got += len(conn.recv(65536))
    speed = got / (time.perf_counter() - began) / 1024
    return f"{speed:.1f} KiB/s", near(speed, 200, 0.05)


def split(port, first="3"):
    expected = [int(first)] + [3] * ((60 - int(first)) // 3)
    conn, sizes, began = connect(port), [], time.perf_counter()
    conn.sendall(framed(bytes(56)))
    while sum(sizes) < 60:
        sizes.append(len(conn.recv(100)))
    took = (time.perf_counter() - began) * 1000
    return f"{len(sizes)} reads of {max(sizes)} bytes at most, {ms(took)}", sizes == expected and took >= 94


def coalesce(port):
    conn = connect(port)
    began = time.perf_counter()
    for _ in range(5):
        conn.sendall(framed(b"x"))
        time.sleep(0.01)
    got = len(conn.recv(100))
    took = (time.perf_counter() - began) * 1000
    return f"one read of {got} bytes after {ms(took)}", got == 25 and near(took, 200)


def stall(port):
    conn = connect(port)
    began = time.perf_counter()
    conn.sendall(framed(bytes(96)))
    before = len(exactly(conn, 50))
    conn.setblocking(False)
    try:
        more = len(conn.recv(100))
    except BlockingIOError:
        more = 0
    conn.settimeout(30)
    exactly(conn, 50 - more)
    took = (time.perf_counter() - began) * 1000
    return f"{before + more} bytes, the others after {ms(took)}", more == 0 and near(took, 1000)


def ended(port, how, timed=False):
    conn = connect(port)
    began = time.perf_counter()
    conn.sendall(framed(b"hello, world"))
    data, end = rest(conn)
    took = (time.perf_counter() - began) * 1000
    if timed:
        return f"{end} after {ms(took)}", end == how and near(took, 500)
    return f"{len(data)} bytes, then {end}", (len(data), end) == (10, how)


def reset_up(port):
    """What the server echoed of the ten bytes may come before the reset, or be lost in it."""
    conn = connect(port)
    conn.sendall(framed(b"hello, world"))
    data, end = rest(conn)
    return f"{len(data)} of 10 bytes, then {end}", len(data) <= 10 and end == "RST"


def frames(port, count=12):
    """Sends numbered frames and FIN; what came back, whole."""
    conn = connect(port)
    conn.sendall(b"".join(framed(b"%04d" % number) for number in range(1, count + 1)))
    conn.shutdown(socket.SHUT_WR)
    data, end = rest(conn)
    return data, end


def numbers(data):
    got = []
    while len(data) >= 4:
        size = struct.unpack(">I", data[:4])[0]
        got.append(int(data[4:4 + size]))
        data = data[4 + size:]
    return got


def order(port, wanted):
    got = numbers(frames(port)[0])
    return " ".join(map(str, got)), got == json.loads(wanted)


def truncate(port):
    data, end = frames(port)
    return f"{len(data)} bytes, then {end}", 16 < len(data) < 24 and end == "FIN"


def length(port):
    data, _ = frames(port)
    third = struct.unpack(">I", data[16:20])[0]
    return f"frame 3 of 4 bytes announces {third}", third != 4 and data[:16] == b"".join(map(framed, (b"0001", b"0002")))


def changed_bits(sent, got):
    return [sum(bin(a ^ b).count("1") for a, b in zip(one, other)) for one, other in zip(sent, got)]


def flip(port):
    data, _ = frames(port)
    got = [data[at:at + 8] for at in range(0, len(data), 8)]
    bits = changed_bits([framed(b"%04d" % number) for number in range(1, 13)], got)
    return f"bits changed: {' '.join(map(str, bits))}", bits == [0, 1] * 6


def refuse(port):
    ends = []
    for _ in range(4):
        try:
            # The reset may be there before connect() has returned.
            conn = connect(port)
            conn.sendall(framed(b"x"))
            ends.append("echo" if reply(conn) == b"x" else "?")
        except (ConnectionResetError, BrokenPipeError):
            ends.append("RST")
    return ", ".join(ends), ends == ["echo", "RST"] * 2


def accept_delay(port):
    conn = connect(port)
    began = time.perf_counter()
    conn.sendall(framed(b"x"))
    reply(conn)
    took = (time.perf_counter() - began) * 1000
    return f"first echo after {ms(took)}", near(took, 500)


def share(port):
    slow = [times(port, 1)[0] >= 95 for _ in range(4)]
    return f"connections that are slow: {[number for number, is_slow in enumerate(slow, 1) if is_slow]}", slow == [False, True] * 2


def digest(port):
    """What came back for a thousand frames: for seeds."""
    data, _ = frames(port, 1000)
    return hashlib.sha256(data).hexdigest(), True


def datagrams(port, count):
    """Sends numbered datagrams one after the other; what came back, in its order."""
    with socket.socket(type=socket.SOCK_DGRAM) as conn:
        conn.connect((HOST, port))
        got = []
        for number in range(1, count + 1):
            conn.send(b"%04d" % number + bytes(60))
            # What is held back at the end leaves after a second.
            conn.settimeout(0.05 if number < count else 2)
            try:
                while True:
                    got.append(conn.recv(2000))
            except TimeoutError:
                pass
        return got


def udp_order(port, wanted):
    got = [int(one[:4]) for one in datagrams(port, 12)]
    return " ".join(map(str, got)), got == json.loads(wanted)


def udp_sizes(port):
    sizes = [len(one) for one in datagrams(port, 6)]
    short = [number for number, size in enumerate(sizes, 1) if size < 64]
    return f"shorter ones: {short}", short == [3, 6]


def udp_flip(port):
    bits = changed_bits([b"%04d" % number + bytes(60) for number in range(1, 7)], datagrams(port, 6))
    return f"bits changed: {' '.join(map(str, bits))}", bits == [0, 1] * 3


def udp_latency(port):
    took = []
    with socket.socket(type=socket.SOCK_DGRAM) as conn:
        conn.settimeout(30)
        conn.connect((HOST, port))
        for _ in range(20):
            began = time.perf_counter()
            conn.send(b"x")
            conn.recv(10)
            took.append((time.perf_counter() - began) * 1000)
    return f"median {ms(statistics.median(took))}", near(statistics.median(took), 100)


def udp_rate(port):
    """Faster than the rate, so that it is the limit, and not so fast that the system loses any."""
    with socket.socket(type=socket.SOCK_DGRAM) as conn:
        conn.settimeout(30)
        conn.connect((HOST, port))

        def send():
            for _ in range(200):
                conn.send(bytes(1024))
                time.sleep(0.005)

        threading.Thread(target=send, daemon=True).start()
        conn.recv(2000)
        began = time.perf_counter()
        for _ in range(199):
            conn.recv(2000)
        speed = 199 / (time.perf_counter() - began)
    return f"{speed:.1f} KiB/s", near(speed, 100, 0.05)


if __name__ == "__main__":
    name, *args = sys.argv[1:]
    if name == "serve":
        serve()
    try:
        seen, ok = globals()[name](int(args[0]), *args[1:])
    except (OSError, EOFError, ValueError) as error:
        seen, ok = repr(error), False
    print(json.dumps({"seen": seen, "ok": bool(ok)}, ensure_ascii=False))
