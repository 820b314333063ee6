/** The two ends of a connection on loopback. */
export async function openPair(): Promise<{ readonly near: Deno.TcpConn; readonly far: Deno.TcpConn }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [near, far] = await Promise.all([Deno.connect({ port: listener.addr.port }), listener.accept()]);
  return { near, far };
}
