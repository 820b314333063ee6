# Dies of what is no JSON; nothing is stored.
# tasks: 6,8
# failed: remembers-password
# passed: right-password wrong-password many-messages
# framing: raw
import socket, json
users = {}
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(('127.0.0.1', 9090))
sock.listen(1)
while True:
    conn, addr = sock.accept()
    while True:
        data = conn.recv(1024)
        if not data:
            break
        q = json.loads(data.decode('utf-8'))
        if q['type'] == 'login':
            if q['login'] not in users:
                users[q['login']] = q['password']
            r = users[q['login']] == q['password']
            conn.send(json.dumps({'success': r}).encode())
        else:
            conn.send(json.dumps({'echo': q['message']}).encode())
    conn.close()
