// How many inferences a second the network does, and how long one takes from RPC to receipt: a small and a medium model,
// 1, 8 and 64 senders at once; and what waiting inferences take from plain transfers.
//   --seconds N      of each row (5)          --models a,b     folders of models/ (volatility-mlp,lenet5); none: transfers only
//   --transfers N    plain ones, alone and beside inferences (12000), in --rounds N taking turns (3)
//   --senders a,b    (1,8,64)                 --block-time MS  a block every so often; without it at once
//   --compute N      compute nodes (2)        --json FILE      the rows as JSON
// Every inference has an input of its own, so that none is shared, and is signed beforehand; each row starts a fresh node. All runs on this
// machine: the client, the sequencer, the compute nodes and their verification share its cores. What parked transactions
// cost others without that load, valence-bench-node says.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { encodeFunctionData, parseAbi } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { processorSeconds } from '../rpc/measure.mjs';
import { call, inferring } from './inferences.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const program = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');
const mnemonic = 'test test test test test test test test test test test junk';
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    models: { type: 'string', default: 'volatility-mlp,lenet5' },
    transfers: { type: 'string', default: '12000' },
    rounds: { type: 'string', default: '3' },
    senders: { type: 'string', default: '1,8,64' },
    'block-time': { type: 'string' },
    compute: { type: 'string', default: '2' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\nimport')[0].replace(/^\/\/ ?/gm, ''));
  process.exit(0);
}
const seconds = Number(options.seconds);
/** No more are signed beforehand. */
const kMostPerSecond = 600;
const abi = parseAbi(['function infer(bytes32 model, uint8 mode, int256[] input) view returns (int256[])']);
const F4 = '0x00000000000000000000000000000000000000F4';

function start(accounts) {
  const args = ['dev', '--port', '0', '--accounts', String(accounts), '--log-level', 'error', '--compute-nodes', options.compute];
  if (options['block-time']) args.push('--block-time', options['block-time']);
  const node = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((done, failed) => {
    let output = '';
    node.stdout.on('data', (chunk) => {
      output += chunk;
      const url = output.match(/Listening on\S*\s+\S*?(http:\/\/127\.0\.0\.1:\d+)/)?.[1];
      if (url) done({ url, pid: node.pid, stop: () => new Promise((end) => (node.once('exit', end), node.kill('SIGINT'))) });
    });
    node.once('exit', (code) => failed(new Error(`valence dev ended with ${code}\n${output}`)));
  });
}

function push(url, model) {
  const args = ['model', 'push', join(root, 'models', model, 'model.onnx'), '--rpc', url, '--private-key', hex(accountOf(0).getHdKey().privateKey)];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
  return (stdout + stderr).match(/0x[0-9a-f]{64}/)[0];
}

const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
const known = [];
const accountOf = (i) => (known[i] ??= mnemonicToAccount(mnemonic, { addressIndex: i }));
const fees = { chainId: 1986, type: 'eip1559', maxFeePerGas: 20_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
const ms = (value) => (value === undefined ? '-' : value.toFixed(1));

/** Signs `count` inferences of one sender, each with an input of its own. */
function prepare(account, nonce, count, model, inputs, gas) {
  return Promise.all(
    Array.from({ length: count }, (_, k) => {
      const input = Array.from({ length: inputs }, () => BigInt(Math.floor((Math.random() - 0.5) * 2e16)));
      const data = encodeFunctionData({ abi, functionName: 'infer', args: [model, 1, input] });
      return account.signTransaction({ ...fees, nonce: nonce + k, to: F4, data, gas });
    }),
  );
}

/** From now on: cores that this program and the node use, once it is called. */
function usage(node) {
  const begin = performance.now();
  const client = process.cpuUsage();
  const before = processorSeconds(node.pid);
  return () => {
    const wall = (performance.now() - begin) / 1000;
    const own = process.cpuUsage(client);
    return { client: (own.user + own.system) / 1e6 / wall, node: (processorSeconds(node.pid) - before) / wall };
  };
}

/** Plain transfers in batches, signed before: transactions a second, until they are all in blocks. */
function transferring(url, signed) {
  return new Promise((done, failed) => {
    const program = new Worker(new URL('transfers.mjs', import.meta.url), { workerData: { port: Number(new URL(url).port), signed } });
    program.once('message', done);
    program.once('error', failed);
  });
}

async function modelFacts(url, model) {
  const infoAbi = parseAbi(['function modelInfo(bytes32) view returns ((uint64 multiplyAccumulates,uint64 parameters,uint64 weightBytes,bytes32 weightRoot,(string name,string unit,uint32[] shape)[] inputs,(string,string,uint32[])[] outputs))']);
  const { decodeFunctionResult } = await import('viem');
  const data = await call(url, 'eth_call', [{ to: F4, data: encodeFunctionData({ abi: infoAbi, functionName: 'modelInfo', args: [model] }) }, 'latest']);
  const info = decodeFunctionResult({ abi: infoAbi, functionName: 'modelInfo', data });
  const inputs = info.inputs.reduce((sum, port) => sum + port.shape.reduce((a, b) => a * b, 1), 0);
  const quote = await call(url, 'valence_quote', [model, 'REPLAY']);
  return { inputs, macs: info.multiplyAccumulates, gas: BigInt(quote.gas) };
}

/** What a fresh node says of the model: facts are the same on each. */
async function described(name) {
  const node = await start(2);
  try {
    const model = push(node.url, name);
    return { model, ...(await modelFacts(node.url, model)) };
  } finally {
    await node.stop();
  }
}

const rows = [];
const sendersOfRows = options.senders.split(',').map(Number);
console.log('model             MACs   senders  inferences/s   median ms    p95 ms    p99 ms   cores: client   node');
for (const name of options.models.split(',').filter(Boolean)) {
  const { model, inputs, macs, gas } = await described(name);
  // The quote, the call, its calldata, and what is kept back.
  const limit = 200_000n + gas + BigInt(inputs) * 700n;
  const ofEach = (senders) => Math.ceil((seconds * kMostPerSecond) / senders) + 2;
  // Signed before any node runs: what is measured is the network, not a wallet in JavaScript. The rows share them.
  const signed = [];
  for (let i = 0; i < Math.max(...sendersOfRows); ++i)
    signed.push(await prepare(accountOf(i + 1), 0, Math.max(...sendersOfRows.filter((n) => n > i).map(ofEach)), model, inputs, limit));
  for (const senders of sendersOfRows) {
    const node = await start(senders + 1);
    try {
      push(node.url, name);
      const used = usage(node);
      const begin = performance.now();
      const until = begin + seconds * 1000;
      const times = (await Promise.all(signed.slice(0, senders).map((own) => inferring(node.url, own, () => until)))).flat();
      const perSecond = times.length / ((performance.now() - begin) / 1000);
      const cores = used();
      times.sort((x, y) => x - y);
      const row = { model: name, macs: Number(macs), senders, per_second: perSecond, median_ms: quantile(times, 0.5), p95_ms: quantile(times, 0.95), p99_ms: quantile(times, 0.99), ...cores };
      rows.push(row);
      console.log(
        `${name.padEnd(16)} ${String(macs).padStart(6)} ${String(senders).padStart(9)} ${perSecond.toFixed(0).padStart(13)} ${ms(row.median_ms).padStart(11)} ${ms(row.p95_ms).padStart(9)} ${ms(row.p99_ms).padStart(9)} ${cores.client.toFixed(2).padStart(15)} ${cores.node.toFixed(2).padStart(6)}`,
      );
    } finally {
      await node.stop();
    }
  }
}

// The same transfers on an idle chain, and while inferences wait and are answered.
const transfers = [];
for (let sender = 0; sender < 4; ++sender)
  for (let nonce = 0; nonce < Number(options.transfers) / 4; ++nonce)
    transfers.push([nonce, accountOf(100 + sender).signTransaction({ ...fees, nonce, to: accountOf(1).address, value: 1n, gas: 21_000n })]);
const signed = await Promise.all(transfers.sort((a, b) => a[0] - b[0]).map(([, one]) => one));
const asked = await described('volatility-mlp');
const limit = 200_000n + asked.gas + BigInt(asked.inputs) * 700n;
const asking = await Promise.all(Array.from({ length: 16 }, (_, i) => prepare(accountOf(i + 1), 0, 40, asked.model, asked.inputs, limit)));
const alone = [];
const beside = [];
const answered = [];
const loads = { alone: [], beside: [] };
for (let round = 0; round < Number(options.rounds); ++round) {
  for (const busy of [false, true]) {
    const node = await start(104);
    try {
      push(node.url, 'volatility-mlp');
      // One in a hundred milliseconds each: what is measured is waiting, not two loads on the same cores.
      const load = busy ? new Worker(new URL('inferences.mjs', import.meta.url), { workerData: { url: node.url, asking, pause: 100 } }) : null;
      const ended = load && new Promise((done, failed) => load.once('message', done).once('error', failed));
      const used = usage(node);
      (busy ? beside : alone).push(await transferring(node.url, signed));
      loads[busy ? 'beside' : 'alone'].push(used());
      load?.postMessage('stop');
      if (busy) answered.push(await ended);
    } finally {
      await node.stop();
    }
  }
}
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const show = (list) => ['client', 'node'].map((who) => `${who} ${median(list.map((one) => one[who])).toFixed(2)}`).join(', ');
if (alone.length) {
  console.log(`\nplain transfers  ${median(alone).toFixed(0)}/s alone (cores: ${show(loads.alone)}), ${median(beside).toFixed(0)}/s beside 16 senders of inferences, ${median(answered)} answered (cores: ${show(loads.beside)}); medians of ${alone.length}`);
}
if (options.json) writeFileSync(options.json, JSON.stringify({ results: rows, transfers: { alone, beside, answered, loads } }, null, 2));
