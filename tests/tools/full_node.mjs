// Full nodes: `valence full` on a chain that another node builds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPublicClient, http } from 'viem';
import { nodeProgram } from './node.mjs';

/** Full nodes that run: none may outlive the tests. */
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * A full node that joins the chain at `url`, or goes by its arguments alone; rejects where it ends before it serves.
 * Returns {url, client, output(), stop(), kill(), ended, reaches(number)}.
 */
export async function startFullNode(url, chain, args = []) {
  const child = spawn(nodeProgram(), ['full', ...(url ? ['--join', url] : []), '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const ended = new Promise((done) => child.once('exit', (code) => (running.delete(child), done(code))));
  let output = '';
  const at = await new Promise((done, failed) => {
    const look = (chunk) => {
      output += chunk;
      const match = output.match(/Full node at (http:\/\/127\.0\.0\.1:\d+)/);
      if (match) done(match[1]);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    ended.then((code) => failed(Object.assign(new Error(`the full node ended with ${code}:\n${output}`), { code })));
  });
  const client = createPublicClient({ chain, transport: http(at), pollingInterval: 20 });
  const until = async (what, told) => {
    for (const end = Date.now() + 20000; Date.now() < end; await new Promise((r) => setTimeout(r, 20))) if (await told()) return;
    assert.fail(`${what}:\n${output}`);
  };
  return {
    url: at,
    client,
    output: () => output,
    stop: () => (child.kill('SIGINT'), ended),
    kill: () => (child.kill('SIGKILL'), ended),
    reaches: (number) => until(`block ${number} did not come`, async () => (await client.getBlockNumber({ cacheTime: 0 })) >= number),
    says: (text) => until(`it did not say ${text}`, async () => output.includes(text)),
  };
}
