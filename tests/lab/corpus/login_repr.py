# A dict as Python prints it, then plain messages; nothing is stored.
# tasks: 6,8
# failed: remembers-password
# passed: right-password wrong-password many-messages
# framing: raw
import socket, ast
users = {}
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', 9090))
s.listen(1)
while True:
    conn, addr = s.accept()
    try:
        data = ast.literal_eval(conn.recv(1024).decode())
        if users.setdefault(data['login'], data['password']) == data['password']:
            conn.send(str({'status': 'ok'}).encode())
            while True:
                m = conn.recv(1024)
                if not m:
                    break
                conn.send(m)
        else:
            conn.send(str({'status': 'fail'}).encode())
    except (ValueError, SyntaxError, KeyError, TypeError, OSError) as e:
        pass
    conn.close()
