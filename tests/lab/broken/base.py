"""A correct server for the eight tasks, in small methods: each file beside it replaces some of them by a mistake.

    python3 base.py [PORT] [--mode echo|identify|auth]

Messages carry a header of eight digits. On the console stands the port alone; service messages go to server.log
in the current directory, names and users to JSON files beside it.
"""

import argparse
import errno
import hashlib
import hmac
import json
import logging
import os
import secrets
import socket
import threading

HEADER = 8
LIMIT = 16 * 1024 * 1024
# Far too few for real use: these servers are started by the dozen.
ROUNDS = 1000


class CutShort(Exception):
    """The client has finished inside a message."""


class Server:
    """A server that does everything right."""

    mode = "echo"

    def __init__(self):
        self.lock = threading.Lock()

    # Starting: tasks 3 and 4.

    def main(self):
        """Reads the arguments, listens, says where, and serves."""
        parser = argparse.ArgumentParser()
        parser.add_argument("port", type=int, nargs="?", default=9090)
        parser.add_argument("--mode", default=self.mode, choices=["echo", "identify", "auth"])
        options = parser.parse_args()
        self.mode = options.mode
        self.open_log()
        listener = self.listen(options.port)
        self.announce(listener, options.port)
        self.accept(listener)

    def open_log(self):
        """Service messages go to a file."""
        logging.basicConfig(filename="server.log", level=logging.INFO, format="%(asctime)s %(message)s")

    def listen(self, port):
        """This port, or the next free one."""
        while True:
            try:
                return socket.create_server(("127.0.0.1", port), backlog=128)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                port += 1

    def announce(self, listener, _wanted):
        """Says which port it became."""
        print(f"Listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)

    def accept(self, listener):
        """Every client gets a thread."""
        while True:
            conn, address = listener.accept()
            threading.Thread(target=self.client, args=(conn, address), daemon=True).start()

    # One client: task 1.

    def client(self, conn, address):
        """Serves one client; whatever goes wrong there ends its connection and nothing else."""
        logging.info("%s:%d connected", *address)
        try:
            self.session(conn, address)
        except CutShort:
            self.left_inside(conn)
        except EOFError:
            self.left(conn)
        except ConnectionError as error:
            self.lost(conn, error)
        except ValueError as error:
            logging.info("%s:%d sent no message: %s", *address, error)
        finally:
            self.close(conn)
            logging.info("%s:%d left", *address)

    def left(self, conn):
        """The client has finished, between two messages."""

    def left_inside(self, conn):
        """The client has finished inside a message."""

    def lost(self, conn, error):
        """The connection was reset."""

    def close(self, conn):
        """Gives the descriptor back."""
        conn.close()

    def session(self, conn, address):
        """The dialogue of the mode, then echo."""
        if self.mode == "identify":
            self.identify(conn, address)
        if self.mode == "auth" and not self.log_in(conn):
            return
        self.echo(conn)

    def echo(self, conn):
        """One message in answer to each."""
        while True:
            self.send_text(conn, self.receive_text(conn))

    # Messages: task 7.

    def send_text(self, conn, text):
        """Header and text leave together; the header counts bytes."""
        data = text.encode()
        conn.sendall(self.header(data) + data)

    def header(self, data):
        """Eight digits."""
        return b"%08d" % len(data)

    def receive_text(self, conn):
        """One message; EOFError once the client has finished."""
        return self.receive_payload(conn, self.receive_header(conn)).decode()

    def receive_header(self, conn):
        """The length of the next message."""
        header = self.receive_exactly(conn, HEADER)
        if not header.isdigit() or int(header) > LIMIT:
            raise ValueError(f"no length: {header!r}")
        return int(header)

    def receive_payload(self, conn, length):
        """The bytes of the message."""
        try:
            return self.receive_exactly(conn, length)
        except EOFError:
            raise CutShort from None

    def receive_exactly(self, conn, size):
        """As many reads as it takes; EOFError where nothing comes, CutShort where not all does."""
        data = bytearray()
        while len(data) < size:
            part = conn.recv(min(size - len(data), 65536))
            if not part:
                raise CutShort if data else EOFError
            data += part
        return bytes(data)

    # Who is it: tasks 5 and 6.

    def ask(self, conn, question):
        """A question and its answer."""
        self.send_text(conn, question)
        return self.receive_text(conn)

    def load(self, file):
        """What a JSON file holds."""
        try:
            with open(file, encoding="utf-8") as stream:
                return json.load(stream)
        except FileNotFoundError:
            return {}

    def save(self, file, data):
        """Replaces a JSON file as a whole."""
        with open(f"{file}.tmp", "w", encoding="utf-8") as stream:
            json.dump(data, stream, ensure_ascii=False)
        os.replace(f"{file}.tmp", file)

    def change(self, file, key, value):
        """Sets a value in a JSON file, one thread at a time."""
        with self.lock:
            self.save(file, {**self.load(file), key: value})

    def client_key(self, address):
        """By what a client is known: its address, without the port, which is another one each time."""
        return address[0]

    def identify(self, conn, address):
        """Greets by name, and asks strangers for it."""
        key = self.client_key(address)
        name = self.load("names.json").get(key)
        if name is None:
            name = self.ask(conn, "What is your name?")
            self.change("names.json", key, name)
            self.send_text(conn, f"Nice to meet you, {name}!")
        else:
            self.send_text(conn, f"Welcome back, {name}!")

    def log_in(self, conn):
        """Lets in by password or by token; a new name is registered."""
        question = "Name?"
        for _ in range(3):
            name = self.ask(conn, question)
            if name.startswith("TOKEN "):
                owner = self.owner(name[len("TOKEN "):])
                if owner:
                    self.send_text(conn, f"Welcome back, {owner}!")
                    return True
                question = "This token is not valid. Name?"
                continue
            password = self.ask(conn, "Password?")
            if self.admit(name, password):
                token = secrets.token_urlsafe(32)
                self.change("tokens.json", self.fingerprint(token), name)
                self.send_text(conn, f"Welcome, {name}! Token: {token}")
                return True
            question = "Wrong name or password. Name?"
        self.send_text(conn, "Too many attempts.")
        return False

    def admit(self, name, password):
        """Whether the password is right."""
        stored = self.load("users.json").get(name)
        if stored is None:
            self.change("users.json", name, self.protect(password, secrets.token_hex(16)))
            return True
        return hmac.compare_digest(stored, self.protect(password, stored.split("$")[0]))

    def protect(self, password, salt):
        """What is kept instead of the password."""
        return salt + "$" + hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), ROUNDS).hex()

    def fingerprint(self, token):
        """What is kept instead of the token."""
        return hashlib.sha256(token.encode()).hexdigest()

    def owner(self, token):
        """Whose token this is."""
        return self.load("tokens.json").get(self.fingerprint(token))


def end_program_on_error():
    """For mistakes that are fatal in a program without threads: an error nobody caught ends the whole program."""

    def end(args):
        logging.error("%s", args.exc_value)
        os._exit(1)

    threading.excepthook = end


if __name__ == "__main__":
    Server().main()
