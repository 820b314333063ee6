"""python3 login.py HOST PORT NAME [MESSAGE ...]: a client of `echo-server --mode auth`, standard library only.

Logs in through SCRAM-SHA-256 (RFC 5802, RFC 7677), so the password never travels, and prints the echo of each message.
Without a terminal the first line of standard input is the password, and further lines are messages if none is given.
"""
import base64, getpass, hashlib, hmac, re, secrets, socket, stringprep, struct, sys, unicodedata

FORBIDDEN = [getattr(stringprep, f"in_table_{name}") for name in "a1 c12 c21_c22 c3 c4 c5 c6 c7 c8 c9".split()]

def prepared(password):  # SASLprep (RFC 4013); as typed where that fails, which is what PostgreSQL does as well
    spaced = "".join(" " if stringprep.in_table_c12(char) else char for char in password)
    text = unicodedata.normalize("NFKC", "".join(char for char in spaced if not stringprep.in_table_b1(char)))
    leftward = [stringprep.in_table_d1(char) for char in text]
    mixed = any(leftward) and (not (leftward[0] and leftward[-1]) or any(map(stringprep.in_table_d2, text)))
    refused = not text or mixed or any(test(char) for char in text for test in FORBIDDEN)
    return (password if refused else text).encode()

def sign(key, text): return hmac.digest(key, text.encode(), "sha256")

def send(stream, text):  # a frame: the payload's length in 4 bytes, big-endian, then the payload
    payload = text.encode()
    stream.write(struct.pack(">I", len(payload)) + payload)
    stream.flush()

def receive(stream, code=""):  # the next frame's text, which begins with the reply code wanted
    header = stream.read(4)
    text = stream.read(*struct.unpack(">I", header)).decode() if len(header) == 4 else "the connection was closed"
    if not text.startswith(code):
        sys.exit("refused: " + "".join(char if char.isprintable() else "?" for char in text))
    return text

def log_in(stream, name, password):
    receive(stream, "331 [AUTH SCRAM-SHA-256")
    nonce = base64.b64encode(secrets.token_bytes(18)).decode()
    first = f"n={unicodedata.normalize('NFC', name).replace('=', '=3D').replace(',', '=2C')},r={nonce}"
    send(stream, "AUTH SCRAM-SHA-256 " + base64.b64encode(f"n,,{first}".encode()).decode())
    challenge = base64.b64decode(receive(stream, "334 ")[4:]).decode()
    given = dict(part.split("=", 1) for part in challenge.split(","))
    if not given["r"].startswith(nonce) or given["r"] == nonce or not 4096 <= int(given["i"]) <= 2_000_000:
        sys.exit("refused: the server's nonce or iteration count is not acceptable")  # it might be an impostor
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password), base64.b64decode(given["s"]), int(given["i"]))
    client_key, server_key = sign(salted, "Client Key"), sign(salted, "Server Key")
    signed = f"{first},{challenge},c=biws,r={given['r']}"
    proof = bytes(a ^ b for a, b in zip(client_key, sign(hashlib.sha256(client_key).digest(), signed)))
    send(stream, base64.b64encode(f"c=biws,r={given['r']},p={base64.b64encode(proof).decode()}".encode()).decode())
    final = re.search(r"\[SCRAM (\S+)\]", receive(stream, "235 "))  # proves that the server knows the verifier
    signature = b"v=" + base64.b64encode(sign(server_key, signed))
    if final is None or not hmac.compare_digest(base64.b64decode(final[1]), signature):
        sys.exit("refused: the server's signature is missing or wrong")

if len(sys.argv) < 4:
    sys.exit(__doc__)
host, port, name, *messages = sys.argv[1:]
password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
with socket.create_connection((host, int(port)), timeout=60) as connection, connection.makefile("rwb") as stream:
    log_in(stream, name, password)
    for message in messages or (line.rstrip("\r\n") for line in sys.stdin):
        send(stream, message)
        print(receive(stream))
