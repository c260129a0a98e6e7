// Starts the real binary with demo data in a folder of its own and stops it again.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const START_MS = 300_000;
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

export async function startServer() {
  const binary = process.env.ZF_BIN ?? join(root, "target/debug/zoufang");
  if (!existsSync(binary)) throw new Error(`no binary at ${binary}; build it or set ZF_BIN or ZF_E2E_URL`);
  const data = mkdtempSync(join(tmpdir(), "zoufang-e2e-"));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  let child;
  let errors = "";
  let ended = null;
  const start = () => {
    ended = null;
    child = spawn(binary, ["demo", "--data", data, "--port", String(port)], {
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.on("data", (chunk) => {
      errors = (errors + chunk).slice(-4000);
    });
    child.once("exit", (code) => {
      ended = code ?? -1;
    });
  };
  start();
  const stop = async () => {
    if (ended === null) {
      child.kill("SIGTERM");
      for (let i = 0; i < 100 && ended === null; i += 1) await new Promise((r) => setTimeout(r, 100));
      if (ended === null) child.kill("SIGKILL");
    }
    rmSync(data, { recursive: true, force: true });
  };
  let fault = "no answer";
  const ready = async () => {
    const until = Date.now() + START_MS;
    while (Date.now() < until && ended === null) {
      const answers = await fetch(`${base}/readyz`).then(
        async (r) => {
          if (!r.ok) fault = (await r.text()).trim();
          return r.ok;
        },
        () => false,
      );
      if (answers) return true;
      await new Promise((r) => setTimeout(r, 100));
    }
    return false;
  };
  // As when the power fails: nothing is finished, nobody is asked; then it starts again where it was.
  const killAndStart = async (downMs) => {
    const gone = new Promise((r) => child.once("exit", r));
    child.kill("SIGKILL");
    await gone;
    await new Promise((r) => setTimeout(r, downMs));
    start();
    if (!(await ready())) throw new Error(`the server did not come back (${fault}):\n${errors}`);
  };
  if (await ready()) return { base, stop, killAndStart };
  await stop();
  throw new Error(`the server did not get ready (${fault}; exit ${ended}):\n${errors}`);
}
