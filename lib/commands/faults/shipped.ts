/** The scenarios that come with the tools, as a file of one's own would have them. `docs/faults.md` shows the same text. */
export const SHIPPED = `# A link that is far away and thin: everything works, later.
[slow-link]
fault = ["both:latency=150ms±30ms,rate=64KiB/s"]

# Datagrams get lost, come twice and out of order. On TCP, whole messages do.
[lossy]
fault = ["down:drop=5%,duplicate=1%,reorder=2%"]

# The same bytes, cut up and merged in ways that no program may rely on.
[chopped]
fault = ["up:coalesce=20ms", "down:split=3B,gap=0"]

# A peer that refuses, keeps one waiting, falls silent and hangs up.
[rude-peer]
fault = ["refuse=10%", "accept-delay=200ms,share=20%", "reset-after=4KiB,share=1/3", "stall-after=2KiB,share=1/4"]

# Messages that are wrong: a bit, a length, an end too early.
[liar]
fault = ["flip=2%,length=1%,truncate=1%"]
`;
