# Collects words until exit, and sends them with blanks.
# framing: raw
# failed: many-messages
import os, socket
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
words = []
while (word := input("> ")) not in ("exit", "quit"):
    words.append(word)
conn.sendall(" ".join(words).encode())
print(conn.recv(65536).decode())
