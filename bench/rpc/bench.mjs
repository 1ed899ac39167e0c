// Runs the workload against every peer and prints a table; the figures also go to build/bench/rpc.json.
import { cpus } from 'node:os';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../tests/tools/paths.mjs';
import { latency, throughput } from './measure.mjs';
import { peers, start } from './peers.mjs';
import { workload } from './workload.mjs';

const { values: options } = parseArgs({
  options: {
    transactions: { type: 'string', default: '40000' },
    runs: { type: 'string', default: '3' },
    peers: { type: 'string', default: Object.keys(peers).join(',') },
    mining: { type: 'string', default: 'interval,manual' },
    requests: { type: 'string', default: 'batches,single' },
    latency: { type: 'string', default: '300' },
    json: { type: 'string', default: join(root, 'build/bench/rpc.json') },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(`bench/rpc/run [--transactions N] [--runs N] [--peers ${Object.keys(peers).join(',')}]
              [--mining interval,manual] [--requests batches,single] [--latency SAMPLES (0: none)] [--json FILE]
ERC-20 transfers by RPC, ten senders, presigned. Throughput is in transactions per second: until the last was taken
(ingest), and until all were mined (end to end); balances and receipts are checked after each run. Medians of the runs.`);
  process.exit(0);
}
mkdirSync(join(root, 'build/bench'), { recursive: true });

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const requests = [
  { name: 'batches of 100, 4 connections', batch: 100, connections: 4 },
  { name: 'single, 10 connections', batch: 1, connections: 10 },
].filter(({ name }) => options.requests.split(',').some((wanted) => name.startsWith(wanted)));
const intervals = { interval: (name) => `every ${name.startsWith('valence') ? '250 ms' : '1 s'}`, manual: () => 'on demand' };
const names = options.peers.split(',').filter((name) => {
  if (peers[name]?.available()) return true;
  console.error(`left out: ${name} (not built or not installed)`);
  return false;
});

const rows = [];
const count = Number(options.transactions);
for (const mining of options.mining.split(',').filter(Boolean)) {
  for (const shape of requests) {
    // Runs take turns between the peers, so that a change in the machine's load meets all of them.
    const results = Object.fromEntries(names.map((name) => [name, []]));
    for (let run = 0; run < Number(options.runs); run++) {
      for (const name of names) {
        const load = await workload(Math.min(count, peers[name].limit ?? count));
        const node = await start(name, mining);
        try {
          results[name].push(await throughput(node, load, { mining, ...shape }));
        } catch (error) {
          console.error(`${name}, ${mining}, ${shape.name}: ${error.message}`);
        } finally {
          await node.stop();
        }
      }
    }
    for (const name of names) {
      const runs = results[name];
      if (!runs.length) continue;
      const of = (key) => median(runs.map((r) => r[key]));
      const row = { peer: name, about: peers[name].about, mining: intervals[mining](name), requests: shape.name, transactions: runs[0].transactions, runs: runs.length,
        ingest: of('ingest'), endToEnd: of('endToEnd'), clientCores: of('clientCores'), nodeCores: of('nodeCores'), all: runs };
      rows.push(row);
      console.log(`${name.padEnd(16)} blocks ${row.mining.padEnd(12)} ${shape.name.padEnd(30)} ingest ${row.ingest.toFixed(0).padStart(7)}/s   end to end ${row.endToEnd.toFixed(0).padStart(7)}/s   cores: client ${row.clientCores.toFixed(2)}, node ${row.nodeCores.toFixed(2)}`);
    }
  }
}

const delays = [];
const samples = Number(options.latency);
if (samples) {
  const load = await workload(Math.max(count, samples * 20));
  for (const name of names) {
    const node = await start(name, 'auto');
    try {
      const result = await latency(node, load, samples);
      delays.push({ peer: name, about: peers[name].about, samples, ...result });
      const show = (d) => (d ? `median ${d.median.toFixed(2)} ms, p99 ${d.p99.toFixed(2)} ms` : 'not offered');
      console.log(`${name.padEnd(16)} automine, one at a time: receipt by polling ${show(result.polled)}; eth_sendRawTransactionSync ${show(result.sync)}`);
    } catch (error) {
      console.error(`${name}, latency: ${error.message}`);
    } finally {
      await node.stop();
    }
  }
}
writeFileSync(options.json, JSON.stringify({ machine: { model: cpus()[0].model, cores: cpus().length }, throughput: rows, latency: delays }, null, 1));
console.log(`written: ${options.json}`);
