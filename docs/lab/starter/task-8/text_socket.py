"""Сокет, который посылает и принимает текст: восемь цифр длины, потом сам текст.

A socket that sends and receives text: eight digits of length, then the text itself.
"""

import socket

HEADER = 8
LIMIT = 1024 * 1024


class TextSocket(socket.socket):
    """Обычный сокет, который знает границы сообщений. / A common socket that knows where messages end."""

    def accept(self):
        """Как у socket, но соединение — тоже TextSocket. / As socket's, but the connection is a TextSocket, too."""
        conn, address = super().accept()
        return TextSocket(fileno=conn.detach()), address

    def send_text(self, text):
        """Посылает сообщение. / Sends a message."""
        # Сначала байты, потом их счёт: в слове «привет» 6 букв и 12 байт.
        # First the bytes, then their count: «привет» has 6 letters and 12 bytes.
        data = text.encode()
        self.sendall(b"%08d" % len(data) + data)

    def recv_text(self):
        """Сообщение; EOFError, если собеседник закончил. / A message; EOFError once the peer has finished."""
        header = self._recv_exactly(HEADER)
        if not header.isdigit():
            raise ValueError(f"это не длина / this is no length: {header!r}")
        if int(header) > LIMIT:
            raise ValueError(f"слишком длинное сообщение / too long a message: {int(header)}")
        # Декодировать, когда собраны все байты: буква могла прийти в двух частях.
        # Decode once all bytes are there: a letter may have come in two parts.
        return self._recv_exactly(int(header)).decode()

    def _recv_exactly(self, size):
        """Ровно size байт: recv возвращает не больше, чем просили. / Just size bytes: recv returns at most so many."""
        data = bytearray()
        while len(data) < size:
            part = self.recv(size - len(data))
            if not part:
                raise EOFError("собеседник закончил / the peer has finished")
            data += part
        return bytes(data)
