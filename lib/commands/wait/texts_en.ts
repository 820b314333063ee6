/** What `wait` says, in English. `{name}` stands for a value. */
export const en = {
  "about.wait": "waits until a server takes connections.",
  "example.wait": "for up to 30 seconds",
  "example.wait.start": "start something once a database listens",
  "option.wait.timeout": "how long to wait",
  "option.wait.quiet": "print nothing when the server is there",
  "example.wait.json": "an object when it is there",
  "wait.ready": "{address} takes connections after {ms} ms (tries: {tries}).",
  "wait.progress": "waiting for {address}, {s} s",
} as const;
