// Data availability in tests: a layer of its own, what is in it, and a proxy before it that may kill.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { nodeProgram } from './node.mjs';

const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** `valence da`: {url, call(method, ...parameters), kill()}. */
export async function startLayer({ port = 0, blockTime = 50, args = [] } = {}) {
  const child = spawn(nodeProgram(), ['da', '--port', String(port), '--block-time', String(blockTime), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  const ended = new Promise((done) => child.once('exit', (code) => (running.delete(child), done(code))));
  const url = await new Promise((done, failed) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const match = output.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (match) done(match[0]);
    });
    ended.then((code) => failed(new Error(`the layer ended with ${code}: ${output}`)));
  });
  return { url, call: caller(url), kill: () => (child.kill('SIGKILL'), ended), port: Number(new URL(url).port) };
}

/** Calls of celestia-node's API at a URL. */
export function caller(url, token) {
  return async (method, ...params) => {
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    const { result, error } = await response.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
}

/** The numbers of the blocks in all batches of a namespace (hexadecimal), in the layer's order. */
export async function postedBlocks(call, namespace) {
  const name = Buffer.from(namespace.slice(2), 'hex').toString('base64');
  const head = Number((await call('header.LocalHead')).header.height);
  const numbers = [];
  for (let height = 1; height <= head; ++height) {
    for (const { data } of (await call('blob.GetAll', height, [name])) ?? []) {
      // A piece: version, kind, first, last, batch, index, count (valence/derive/piece.hpp).
      const bytes = Buffer.from(data, 'base64');
      if (bytes[1] !== 0 || bytes.readUInt16BE(50) !== 0) continue;
      for (let n = bytes.readBigUInt64BE(2); n <= bytes.readBigUInt64BE(10); ++n) numbers.push(Number(n));
    }
  }
  return numbers;
}

/**
 * Passes requests on to the layer. `arm({method, nth, phase, then})`: at the nth request of the method from now, before it is
 * passed on or after it was answered, `then` is called and the caller gets no answer.
 */
export async function startProxy(target) {
  let trap = null;
  const refused = new Set();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const method = JSON.parse(body).method;
    if (refused.has(method)) return response.destroy();
    const sprung = trap !== null && method === trap.method && --trap.nth === 0 ? trap : null;
    if (sprung) trap = null;
    if (sprung?.phase === 'before') {
      sprung.then();
      return response.destroy();
    }
    try {
      const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const text = await answer.text();
      if (sprung) {
        sprung.then();
        return response.destroy();
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    } catch {
      response.destroy();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    arm: (wanted) => {
      trap = wanted;
    },
    isSprung: () => trap === null,
    refuse: (method) => refused.add(method),
    stop: () => (server.closeAllConnections(), new Promise((done) => server.close(done))),
  };
}
