// Runs an outside program and returns what it printed.
import { spawn } from 'node:child_process';
import { program } from './paths.mjs';

/** Runs `name` (a path, or an npm package's program) with `args`; rejects with its output where it fails. */
export function run(name, args, { cwd, env = {}, input } = {}) {
  return new Promise((done, failed) => {
    const path = name.includes('/') ? name : program(name);
    const child = spawn(path, args, {
      cwd,
      env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: '1', NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.stdin.end(input);
    child.once('error', failed);
    child.once('close', (code) => {
      const result = { code, stdout: stdout.trim(), stderr: stderr.trim() };
      if (code === 0) done(result);
      else failed(Object.assign(new Error(`${name} ${args.map((a) => (a.length > 200 ? `${a.slice(0, 200)}…` : a)).join(' ')}\nended with ${code}\n${stdout}\n${stderr}`), result));
    });
  });
}
