// The API held to its own description: schemathesis against the running demo, and every example of docs/api.md run as it stands.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { tokenOf } from "../lib/program.js";
import { start } from "../lib/server.js";

const here = dirname(fileURLToPath(import.meta.url));
const SCHEMATHESIS = process.env.XIUHUA_SCHEMATHESIS ?? "schemathesis";
/** Always the same data. */
const SEED = "20260213";
const SCOPES = ["read", "report", "cases", "circulars", "matters", "territory", "evaluation"];
/** Who asks, how many cases for each operation, and the most seconds it may take. */
const RUNS = [
  { login: "clerk", examples: "60", seconds: 250 },
  { login: "leader", examples: "25", seconds: 95 },
  { login: "unit", examples: "25", seconds: 95 },
];

/** Runs a program with what it prints passed on; gives its exit code, or null where it was stopped for its time. */
function run(program, args, { env, cwd, seconds }) {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: "inherit" });
    const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
    child.on("error", (error) => done(`${program}: ${error.message}`));
    child.on("exit", (code) => {
      clearTimeout(timer);
      done(code);
    });
  });
}

/** The shell of every example of the guide, in its order: a reader runs them one after another. */
function examples() {
  const guide = readFileSync(resolve(here, "../../docs/api.md"), "utf8");
  return [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map((found) => found[1]);
}

const troubles = [];
// The limit on how often a token may ask is for programs that mean no harm; this one means it.
const server = await start("demo", { env: { XIUHUA_WEB_API_REQUESTS_A_MINUTE: "1000000" } });
const scratch = mkdtempSync(join(tmpdir(), "xiuhua-api-"));
try {
  const accounts = server.accounts();
  const account = (login) => accounts.find((one) => one.login === login && one.tenant === "lsw");
  console.log("== The examples of docs/api.md");
  const clerk = await tokenOf(server.address, account("clerk"), SCOPES);
  const script = ["set -euo pipefail", ...examples()].join("\n");
  const guide = spawnSync("bash", ["-c", script], {
    cwd: scratch,
    encoding: "utf8",
    env: { ...process.env, XIUHUA: server.address, TOKEN: clerk },
    timeout: 60_000,
  });
  if (guide.status !== 0) troubles.push(`the examples of docs/api.md end with ${guide.status}\n${guide.stdout}\n${guide.stderr}`);
  for (const { login, examples: most, seconds } of RUNS) {
    console.log(`== schemathesis as ${login}`);
    const token = login === "clerk" ? clerk : await tokenOf(server.address, account(login), SCOPES);
    const env = {
      XIUHUA_TOKEN: token,
      XIUHUA_API: `${server.address}/api/v1/t/lsw`,
      SCHEMATHESIS_HOOKS: "hooks",
      PYTHONPATH: here,
      PYTHONDONTWRITEBYTECODE: "1",
      NO_PROXY: "*",
    };
    const args = ["--no-color", "--config-file", join(here, "schemathesis.toml"), "run", `${server.address}/api/openapi.json`];
    const code = await run(SCHEMATHESIS, [...args, "--seed", SEED, "--max-examples", most], { env, cwd: scratch, seconds });
    if (code === null) troubles.push(`schemathesis as ${login} took more than ${seconds} s`);
    else if (code !== 0) troubles.push(`schemathesis as ${login} ended with ${code}`);
  }
} finally {
  const how = await server.stop();
  if (how.code !== 0) troubles.push(`the server ended with ${JSON.stringify(how)}`);
  if (/ERROR|panicked/.test(server.logged())) troubles.push(`the server's log:\n${server.logged()}`);
  rmSync(scratch, { recursive: true, force: true });
}
for (const trouble of troubles) console.error(`\n${trouble}`);
process.exit(troubles.length === 0 ? 0 : 1);
