// The measurements: throughput of presigned transfers, and the time one transaction takes under automine.
import { readFileSync } from 'node:fs';
import { Connection, failed, parse, request } from './connection.mjs';

const ms = () => performance.now();
const body = (method, params, id = 1) => `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${JSON.stringify(params)}}`;

/** Processor seconds a process has used, from /proc (100 ticks a second); 0 where it cannot be read. */
export function processorSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** Deploys the token and gives each sender its share; on every kind of mining. */
async function setUp(node, load, mining) {
  for (const raw of load.setup) {
    const hash = await node.rpc('eth_sendRawTransaction', raw);
    if (mining === 'manual') await node.rpc('evm_mine');
    while (!(await node.rpc('eth_getTransactionReceipt', hash))) await new Promise((r) => setTimeout(r, 5));
  }
}

/** Requests per connection: whole senders, so that each sender's nonces arrive in order. */
function plan(load, { connections, batch, host }) {
  const queues = Array.from({ length: connections }, () => []);
  const lists = Array.from({ length: connections }, () => []);
  load.senders.forEach((sender, i) => lists[i % connections].push(sender.txs));
  lists.forEach((senders, c) => {
    // Take turns between the senders of a connection, as independent users would.
    const raws = [];
    for (let i = 0; senders.some((txs) => i < txs.length); i++) for (const txs of senders) if (i < txs.length) raws.push(txs[i]);
    for (let i = 0; i < raws.length; i += batch) {
      const part = raws.slice(i, i + batch).map((raw, k) => body('eth_sendRawTransaction', [raw], i + k));
      queues[c].push(request(batch === 1 ? part[0] : `[${part.join(',')}]`, host));
    }
  });
  return queues;
}

/**
 * Sends all transfers of `load` and waits until they are mined. Answers {ingest, endToEnd} in transactions per second,
 * and the share of one core that the client and the node used meanwhile.
 */
export async function throughput(node, load, { mining, batch, connections }) {
  await setUp(node, load, mining);
  const host = `127.0.0.1:${node.port}`;
  const queues = plan(load, { connections, batch, host });
  const count = load.senders.reduce((n, s) => n + s.txs.length, 0);
  const nonces = request(`[${load.senders.map((s, i) => body('eth_getTransactionCount', [s.address, 'latest'], i)).join(',')}]`, host);
  const open = await Promise.all(queues.map(() => Connection.open('127.0.0.1', node.port)));
  const control = await Connection.open('127.0.0.1', node.port);

  const clientBefore = process.cpuUsage();
  const nodeBefore = processorSeconds(node.pid);
  const start = ms();
  await Promise.all(queues.map(async (queue, i) => {
    for (const bytes of queue) {
      const answer = await open[i].exchange(bytes);
      if (failed(answer)) throw new Error(`${node.name} refused: ${answer.toString('latin1').slice(0, 600)}`);
    }
  }));
  const ingested = ms();
  for (;;) {
    if (mining === 'manual') await control.exchange(request(body('evm_mine', []), host));
    const answers = parse(await control.exchange(nonces));
    const done = load.senders.every((s, i) => Number(answers.find((a) => a.id === i).result) === s.firstNonce + s.txs.length);
    if (done) break;
    if (ms() - ingested > 120000) throw new Error(`${node.name} left transactions unmined`);
    if (mining !== 'manual') await new Promise((r) => setTimeout(r, 5));
  }
  const end = ms();
  const client = process.cpuUsage(clientBefore);
  const nodeSeconds = processorSeconds(node.pid) - nodeBefore;
  for (const connection of [...open, control]) connection.close();
  await verify(node, load);
  return {
    transactions: count,
    ingest: (count / (ingested - start)) * 1000,
    endToEnd: (count / (end - start)) * 1000,
    clientCores: (client.user + client.system) / 1e3 / (end - start),
    nodeCores: (nodeSeconds * 1000) / (end - start),
  };
}

/** The receipts of a block; one by one where the node has no eth_getBlockReceipts (Hardhat). */
async function blockReceipts(connection, host, number) {
  const ask = async (text) => parse(await connection.exchange(request(text, host)));
  const all = await ask(body('eth_getBlockReceipts', [number]));
  if (all.result) return all.result;
  const { transactions } = (await ask(body('eth_getBlockByNumber', [number, false]))).result;
  const receipts = [];
  for (let i = 0; i < transactions.length; i += 100) {
    const asked = transactions.slice(i, i + 100).map((hash, k) => body('eth_getTransactionReceipt', [hash], k));
    receipts.push(...(await ask(`[${asked.join(',')}]`)).map((a) => a.result));
  }
  return receipts;
}

/** Who sends the transactions that a chain of Valence begins its blocks with. */
const system = '0xfffffffffffffffffffffffffffffffffffffffe';

/** Every recipient holds what it was sent, and every transfer has a successful receipt. */
async function verify(node, load) {
  const host = `127.0.0.1:${node.port}`;
  const connection = await Connection.open('127.0.0.1', node.port);
  const balances = async () => {
    const list = [];
    for (let i = 0; i < load.recipients.length; i += 100) {
      const calls = load.recipients.slice(i, i + 100).map((r, k) => body('eth_call', [{ to: load.token, data: `0x70a08231${r.address.slice(2).padStart(64, '0')}` }, 'latest'], k));
      const answers = parse(await connection.exchange(request(`[${calls.join(',')}]`, host)));
      for (const answer of answers.sort((a, b) => a.id - b.id)) list.push(Number(answer.result));
    }
    return list;
  };
  const wrong = async () => {
    const held = await balances();
    return load.recipients.findIndex((r, i) => held[i] !== r.amount);
  };
  // Anvil was seen to answer with a block's nonces a moment before its state: it gets a second look.
  if ((await wrong()) >= 0) {
    await new Promise((r) => setTimeout(r, 2000));
    const at = await wrong();
    if (at >= 0) throw new Error(`${node.name}: recipient ${at} does not hold what it was sent`);
  }
  let receipts = 0;
  const head = Number(await node.rpc('eth_blockNumber'));
  for (let number = 1; number <= head; number++) {
    for (const receipt of await blockReceipts(connection, host, `0x${number.toString(16)}`)) {
      if (receipt.status !== '0x1') throw new Error(`${node.name}: ${receipt.transactionHash} failed`);
      if (receipt.from.toLowerCase() !== system) receipts += 1;
    }
  }
  const expected = load.setup.length + load.senders.reduce((n, s) => n + s.txs.length, 0);
  if (receipts !== expected) throw new Error(`${node.name}: ${receipts} receipts, not ${expected}`);
  connection.close();
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
const spread = (times) => {
  times.sort((a, b) => a - b);
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
};

/**
 * Under automine, one transaction at a time: milliseconds from sending to holding the receipt, by polling and by
 * eth_sendRawTransactionSync (null where the node does not offer it).
 */
export async function latency(node, load, samples) {
  await setUp(node, load, 'auto');
  const host = `127.0.0.1:${node.port}`;
  const connection = await Connection.open('127.0.0.1', node.port);
  const raws = load.senders[1].txs.slice(0, 2 * samples);
  const polled = [];
  for (const raw of raws.slice(0, samples)) {
    const send = request(body('eth_sendRawTransaction', [raw]), host);
    const start = ms();
    const { result } = parse(await connection.exchange(send));
    const ask = request(body('eth_getTransactionReceipt', [result]), host);
    while (!parse(await connection.exchange(ask)).result);
    polled.push(ms() - start);
  }
  const direct = [];
  for (const raw of raws.slice(samples)) {
    const send = request(body('eth_sendRawTransactionSync', [raw]), host);
    const start = ms();
    const { result, error } = parse(await connection.exchange(send));
    if (error || result?.status !== '0x1') break;
    direct.push(ms() - start);
  }
  connection.close();
  return { polled: spread(polled), sync: direct.length === samples ? spread(direct) : null };
}
