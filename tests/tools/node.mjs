// Starts the node under test: `valence dev`, or anvil as a reference when NODE_UNDER_TEST=anvil.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { program, root } from './paths.mjs';

export const kind = process.env.NODE_UNDER_TEST ?? 'valence';
export const isAnvil = kind === 'anvil';
export const chainId = 1986;
/** How many of a block's transactions are the system's, where nothing is due: the first, or none. */
export const systemTransactions = isAnvil ? 0 : 1;
export const mnemonic = 'test test test test test test test test test test test junk';

/** The accounts of the mnemonic above, as every development node funds them: [address, private key]. */
export const accounts = [
  ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'],
  ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8', '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'],
  ['0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC', '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a'],
  ['0x90F79bf6EB2c4f870365E785982E1f101E93b906', '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6'],
  ['0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65', '0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a'],
  ['0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc', '0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba'],
  ['0x976EA74026E726554dB657fA54763abd0C3a0aa9', '0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e'],
  ['0x14dC79964da2C08b23698B3D3cc7Ca32193d9955', '0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356'],
  ['0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f', '0xdbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97'],
  ['0xa0Ee7A142d267C1f36714E4a8F75612F20a79720', '0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6'],
].map(([address, key]) => ({ address, key }));

const freePort = () =>
  new Promise((done, failed) => {
    const probe = createServer();
    probe.on('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

/** The program of a kind of node, by default the one under test; null where it has not been built. */
export function nodeProgram(wanted = kind) {
  if (wanted === 'anvil') return program('anvil');
  const path = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');
  return existsSync(path) ? path : null;
}

async function commandLine({ mining = 'auto', blockTimeMs, args = [], port = 0, wanted = kind }) {
  if (wanted === 'anvil') {
    const line = ['--port', String(port || (await freePort())), '--chain-id', String(chainId), '--hardfork', 'osaka'];
    if (mining === 'none') line.push('--no-mining');
    if (blockTimeMs) line.push('--block-time', String(blockTimeMs / 1000));
    return [...line, ...args];
  }
  const line = ['dev', '--port', String(port)];
  if (mining === 'none') line.push('--no-mining');
  if (blockTimeMs) line.push('--block-time', String(blockTimeMs));
  return [...line, ...args];
}

/** Nodes that run: none may outlive the tests, however these end. */
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/**
 * Starts a fresh node and waits for the address that it prints.
 * `mining`: 'auto' (a block per transaction), 'none' (on demand only); `blockTimeMs`: a block per interval.
 * `wanted`: another kind of node than the one under test.
 * Returns {url, ws, output(), rpc(method, ...params), raw(body), stop()}.
 */
export async function startNode(options = {}) {
  const path = nodeProgram(options.wanted);
  if (!path) throw new Error('no node to test: build the target valence, or name a program in VALENCE_BIN');
  const child = spawn(path, await commandLine(options), { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));

  const stop = (signal = 'SIGINT') =>
    new Promise((done) => {
      if (child.exitCode !== null || child.signalCode !== null) return done(child.exitCode);
      const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
      child.once('exit', (code) => {
        clearTimeout(kill);
        done(code);
      });
      child.kill(signal);
    });

  const url = await new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(`the node printed no address:\n${output}`)), 15000);
    const look = () => {
      const match = output.match(/(?:Listening on\s+(?:https?:\/\/)?|https?:\/\/)(127\.0\.0\.1:[1-9]\d*)/i);
      if (!match) return;
      clearTimeout(late);
      done(`http://${match[1]}`);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('error', failed);
    child.once('exit', (code) => {
      clearTimeout(late);
      failed(new Error(`the node ended with ${code}:\n${output}`));
    });
  });

  const raw = async (body, headers = {}) => {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, text, json };
  };
  let id = 0;
  const call = async (method, ...params) => (await raw(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }))).json;
  const rpc = async (method, ...params) => {
    const answer = await call(method, ...params);
    if (answer.error) throw Object.assign(new Error(`${method}: ${answer.error.message}`), answer.error);
    return answer.result;
  };
  // Output arrives by a pipe, after the RPC answer: wait for it rather than look once.
  const printed = async (text, ms = 3000) => {
    for (const end = Date.now() + ms; Date.now() < end; await new Promise((r) => setTimeout(r, 10))) {
      if (output.includes(text)) return true;
    }
    return false;
  };
  const kill = () => stop('SIGKILL');
  return { url, ws: url.replace('http', 'ws'), pid: child.pid, output: () => output, printed, call, rpc, raw, stop, kill };
}
