#!/usr/bin/env node
// Runs the binary of this platform, which npm has installed as an optional dependency.
"use strict";
const { spawn } = require("node:child_process");
const { basename } = require("node:path");
const { constants } = require("node:os");
const { name } = require("../package.json");

const tool = basename(__filename, ".cjs");
const platform = `${name}-${process.platform}-${process.arch}`;
const binary = find(`${platform}/bin/${tool}${process.platform === "win32" ? ".exe" : ""}`);
if (binary === undefined) {
  process.stderr.write(
    `${tool}: there is no ${platform}: this platform is not supported, or npm left optional dependencies out (--omit=optional)\n`,
  );
  process.exit(69);
}

const child = spawn(binary, process.argv.slice(2), { stdio: "inherit" });
// Ctrl-C reaches the tool by itself: this process only has to outlive it. Other signals come here alone.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`${tool}: cannot run ${binary}: ${error.message}\n`);
  process.exit(69);
});
child.on("exit", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));

function find(file) {
  try {
    return require.resolve(file);
  } catch {
    return undefined;
  }
}
