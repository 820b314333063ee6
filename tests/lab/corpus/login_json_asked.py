# Asks for the log-in in JSON.
# tasks: 6,8
# passed: right-password wrong-password remembers-password many-messages
# framing: line
import asyncio, json, hashlib, os
db = {}
if os.path.exists('a.json'):
    db = json.load(open('a.json'))
async def send(w, **k):
    w.write(json.dumps(k, ensure_ascii=False).encode() + b'\n')
    await w.drain()
async def handle(r, w):
    try:
        await send(w, type='auth', message='Введите логин и пароль')
        for _ in range(3):
            line = await r.readline()
            if not line:
                return
            m = json.loads(line)
            u, p = m['login'], m['password']
            if u not in db:
                s = os.urandom(8).hex()
                db[u] = s + '$' + hashlib.pbkdf2_hmac('sha256', p.encode(), s.encode(), 2000).hex()
                json.dump(db, open('a.json', 'w'))
                await send(w, type='registered', message='Новый пользователь')
                break
            s, d = db[u].split('$')
            if hashlib.pbkdf2_hmac('sha256', p.encode(), s.encode(), 2000).hex() == d:
                await send(w, type='welcome', message='Привет, ' + u)
                break
            await send(w, type='denied', message='Неверно, попробуйте ещё раз')
        else:
            return
        while line := await r.readline():
            m = json.loads(line)
            await send(w, type='echo', message=m['message'])
    except (ValueError, KeyError, TypeError, ConnectionError):
        pass
    finally:
        w.close()
async def main():
    s = await asyncio.start_server(handle, '127.0.0.1', 9090)
    async with s:
        await s.serve_forever()
asyncio.run(main())
