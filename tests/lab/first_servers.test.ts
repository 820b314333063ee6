// Servers as they are handed in first: what one mistake does to them must not hide the others.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { grade, idsOf, type Workplace, workplaceOf } from "../support/lab.ts";
import { hasPython } from "../support/python.ts";

/** Asks for its port without a default, decodes each piece, and does not set SO_REUSEADDR. */
const DIES_OF_BYTES = `
import socket
port = int(input("Введите порт: "))
sock = socket.socket()
sock.bind(("127.0.0.1", port))
sock.listen(1)
while True:
    conn, addr = sock.accept()
    while True:
        data = conn.recv(1024)
        if not data:
            break
        print("Прием данных:", data.decode())
        conn.send(data)
    conn.close()
`;

/** Without a header, and reads no more than a header has. */
const READS_SIXTEEN = `
import socket
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("127.0.0.1", 9090))
sock.listen(5)
while True:
    conn, addr = sock.accept()
    try:
        while data := conn.recv(16):
            conn.sendall(data)
    except OSError:
        pass
    conn.close()
`;

/** Does not look for the end of what a client sends. */
const ANSWERS_WHO_HAS_LEFT = `
import socket
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("127.0.0.1", 9090))
sock.listen(5)
while True:
    conn, addr = sock.accept()
    while True:
        conn.send(b"Echo: " + conn.recv(1024))
`;

/** A small header, and one read for the message. */
const FOUR_DIGITS = `
import socket
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("127.0.0.1", 9090))
sock.listen(5)
def header(conn):
    data = b""
    while len(data) < 4:
        part = conn.recv(4 - len(data))
        if not part:
            return None
        data += part
    return int(data)
while True:
    conn, addr = sock.accept()
    try:
        while (size := header(conn)) is not None:
            data = conn.recv(min(size, 700)) if size else b""
            conn.sendall(b"%04d" % len(data) + data)
    except (OSError, ValueError):
        pass
    conn.close()
`;

/** The server in a folder of its own, on a port of its own. */
function workplaceWith(text: string): Workplace {
  const place = workplaceOf([]);
  Deno.writeTextFileSync(place.dir.at("server.py"), text.replaceAll("9090", String(place.port)));
  return place;
}

async function graded(text: string, tasks: string): ReturnType<typeof grade> {
  using place = workplaceWith(text);
  return await grade(`echo-client check 127.0.0.1:9090 --tasks ${tasks} --command 'python3 server.py'`, place);
}

Deno.test({
  name: "echo-client check goes on where a server has died of bytes and left its port",
  ignore: !hasPython || Deno.build.os !== "linux",
  async fn() {
    const report = await graded(DIES_OF_BYTES, "1,2,4,7");
    const failed = idsOf(report, "failed");
    const expected = ["leave-reset", "default-port", "port-fallback", "port-printed", "split-header", "split-utf8"];
    assertEquals(failed, expected, JSON.stringify(report));
    assert(["leave-close", "leave-half-close", "no-spin"].every((id) => idsOf(report, "passed").includes(id)));
  },
});

Deno.test({
  name: "echo-client check does not take a server that reads few bytes for one with a header",
  ignore: !hasPython || Deno.build.os !== "linux",
  async fn() {
    const report = await graded(READS_SIXTEEN, "1,7");
    assertEquals([report.framing, idsOf(report, "failed")], ["raw", ["split-header"]], JSON.stringify(report));
  },
});

Deno.test({
  name: "echo-client check says that a server ends of answering a client that has left",
  ignore: !hasPython || Deno.build.os !== "linux",
  async fn() {
    const report = await graded(ANSWERS_WHO_HAS_LEFT, "1");
    const found = report.checks.find(({ id }) => id === "leave-close");
    assertStringIncludes(found?.diagnosis ?? "", "answers a client that has left");
  },
});

Deno.test({
  name: "echo-client check suggests a message that fits into the header",
  ignore: !hasPython || Deno.build.os !== "linux",
  async fn() {
    const report = await graded(FOUR_DIGITS, "7");
    const found = report.checks.find(({ id }) => id === "large-frame");
    assertEquals(found?.status, "failed", JSON.stringify(report));
    assertStringIncludes(found?.try ?? "", "head -c 9999 /dev/zero");
  },
});
