// The built binary, started on a free port with a data folder of its own, and stopped again.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** The binary under test: `XIUHUA_BINARY`, or the release build, or the debug build, whichever is newest given. */
export function binary() {
  const given = process.env.XIUHUA_BINARY;
  if (given) return given;
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const found = join(target, "debug/xiuhua");
  if (!existsSync(found)) throw new Error(`${found} is not built; run \`cargo build --bin xiuhua\` first`);
  return found;
}

/**
 * Starts `xiuhua COMMAND` and waits until it answers.
 *
 * With `XIUHUA_E2E_DEMO` a demo lives in that folder and stays there: it takes minutes to come about, and a moment to start again.
 * One of another binary, or one that was never finished, comes about anew.
 *
 * Gives its address, its data folder, what it printed so far, and `stop()`, which asks it to end (SIGTERM), waits,
 * and says how it ended.
 */
export async function start(command, { data, keep = false, args = [], env = {}, seconds = 300 } = {}) {
  const shared = command === "demo" ? process.env.XIUHUA_E2E_DEMO : undefined;
  if (shared && when(join(shared, "demo-accounts.json")) < when(binary())) rmSync(shared, { recursive: true, force: true });
  const folder = data ?? shared ?? mkdtempSync(join(tmpdir(), "xiuhua-e2e-"));
  const child = spawn(binary(), [command, "--data", folder, "--listen", "127.0.0.1:0", ...args], {
    env: { ...process.env, XIUHUA_LOG: "warn", LANG: "C.UTF-8", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let logged = "";
  child.stdout.on("data", (chunk) => (printed += chunk));
  child.stderr.on("data", (chunk) => (logged += chunk));
  const ended = new Promise((done) => child.on("exit", (code, signal) => done({ code, signal })));

  const address = await within(seconds, `xiuhua ${command} did not print its address`, async () => {
    const found = printed.match(/https?:\/\/127\.0\.0\.1:\d+/);
    if (found) return found[0];
    if (child.exitCode !== null) throw new Error(`xiuhua ${command} ended with ${child.exitCode}\n${printed}\n${logged}`);
  });
  await within(seconds, `${address}/health/ready did not answer 200`, async () => {
    const answer = await fetch(`${address}/health/ready`).catch(() => undefined);
    return answer?.status === 200 ? true : undefined;
  });

  return {
    address,
    data: folder,
    printed: () => printed,
    logged: () => logged,
    accounts: () => accounts(folder),
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
      const how = await ended;
      clearTimeout(timer);
      if (!keep && !data && !shared) rmSync(folder, { recursive: true, force: true });
      return how;
    },
  };
}

/** Runs a command on a data folder and gives what it printed; throws where it ends badly. */
export function run(data, ...args) {
  return execFileSync(binary(), ["--data", data, ...args], { encoding: "utf8", env: { ...process.env, LANG: "C.UTF-8" } });
}

/** The demo's accounts, as it leaves them beside its data: `[{ login, password, name, roles, tenant }]`. */
function accounts(folder) {
  return JSON.parse(readFileSync(join(folder, "demo-accounts.json"), "utf8"));
}

/** When a file was written; never, where there is none. */
function when(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

async function within(seconds, otherwise, look) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${otherwise} within ${seconds} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
