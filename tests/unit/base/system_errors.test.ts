import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { EchoError, NetworkError, StorageError, TimeoutError } from "../../../lib/base/errors.ts";
import { addressError, connectionError, fileError } from "../../../lib/base/system_errors.ts";

const { errors } = Deno;

for (const Lost of [errors.ConnectionReset, errors.BrokenPipe, errors.ConnectionAborted, errors.NotConnected]) {
  Deno.test(`connectionError() takes ${Lost.name} for a reset`, () => {
    const cause = new Lost("gone");
    const error = connectionError(cause);
    assertInstanceOf(error, NetworkError);
    assertEquals(error.code, "reset");
    assertStrictEquals(error.cause, cause);
  });
}

Deno.test("connectionError() takes TimedOut for a host that vanished, and leaves the unknown as it is", () => {
  assertInstanceOf(connectionError(new errors.TimedOut("x")), TimeoutError);
  const unknown = new RangeError("a bug");
  assertStrictEquals(connectionError(unknown), unknown);
  const ours = new NetworkError("refused", "x");
  assertStrictEquals(connectionError(ours), ours);
});

for (
  const [cause, code] of [
    [new errors.AddrInUse("x"), "port_busy"],
    [new errors.ConnectionRefused("x"), "refused"],
    [new errors.PermissionDenied("x"), "permission"],
    [new errors.AddrNotAvailable("x"), "no_local_port"],
    [Object.assign(new Error("Too many open files (os error 24)"), { code: "EMFILE" }), "no_descriptors"],
    [Object.assign(new Error("Invalid argument (os error 22)"), { code: "EINVAL" }), "bad_address"],
    [new Error("path must be shorter than SUN_LEN"), "bad_address"],
    [Object.assign(new Error("No buffer space available (os error 105)"), { code: "ENOBUFS" }), "no_memory"],
    [Object.assign(new Error("Protocol not available (os error 92)"), { code: "ENOPROTOOPT" }), "system"],
    [new errors.TimedOut("x"), "timeout"],
    [new errors.ConnectionReset("x"), "reset"],
    [new Error("failed to lookup address information: Name or service not known"), "host_not_found"],
    [Object.assign(new Error("No route to host (os error 113)"), { code: "EHOSTUNREACH" }), "unreachable"],
    [Object.assign(new Error("Network is unreachable (os error 101)"), { code: "ENETUNREACH" }), "unreachable"],
  ] as const
) {
  Deno.test(`addressError() takes ${cause.name} "${cause.message}" for ${code}, and names the address`, () => {
    const error = addressError(cause, "connect to", "host:1");
    assertInstanceOf(error, EchoError);
    assertEquals<string>(error.code, code);
    assertEquals([error.details.address, error.details.action], ["host:1", "connect to"]);
    assertEquals(error.message.startsWith("Cannot connect to host:1: "), true, error.message);
  });
}

Deno.test("addressError() tells an address this machine has not from a lack of local ports", () => {
  const error = addressError(new errors.AddrNotAvailable("x"), "listen on", "192.0.2.1:1");
  assertInstanceOf(error, NetworkError);
  assertEquals(error.code, "address_unavailable");
});

Deno.test("addressError() takes a missing socket for one that nobody listens on", () => {
  const error = addressError(new errors.NotFound("x"), "connect to", "unix:/no/such");
  assertInstanceOf(error, NetworkError);
  assertEquals(error.code, "refused");
});

Deno.test("fileError() says the system's words without what the platform put around them", () => {
  const reasons = [
    [new errors.PermissionDenied("Permission denied (os error 13): open '/x'"), "permission denied"],
    [new Error("ENOENT: no such file or directory, open '/x'"), "no such file or directory"],
    [new errors.NotFound("No such file or directory (os error 2), open '/x'"), "no such file or directory"],
  ] as const;
  for (const [cause, reason] of reasons) {
    const error = fileError(cause, "write", "/x");
    assertInstanceOf(error, StorageError);
    assertEquals([error.code, error.message], ["cannot_write", `Cannot write /x: ${reason}`]);
  }
  const reading = fileError(new errors.NotFound("No such file (os error 2)"), "read", "/x");
  assertInstanceOf(reading, StorageError);
  assertEquals(reading.code, "cannot_read");
});
