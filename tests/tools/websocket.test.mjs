// The WebSocket interface itself, frame by frame: what subscriptions send, how they end, and bad input there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { concatHex, parseGwei, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import WebSocket from 'ws';
import { compile } from './contracts.mjs';
import { accounts, chainId, isAnvil, startNode } from './node.mjs';

const { Counter } = compile('Counter.sol');
const alice = privateKeyToAccount(accounts[0].key);
let node;
let counter;
let nonce = 0;

const transaction = (fields) => alice.signTransaction({ type: 'eip1559', chainId, nonce: nonce++, gas: 100000n, maxFeePerGas: parseGwei('10'), maxPriorityFeePerGas: 1n, ...fields });
const increment = () => transaction({ to: counter, data: '0xd09de08a' });

/** A connection whose messages are taken one by one: answers by id, notifications by subscription. */
class Peer {
  #id = 0;
  #inbox = [];
  #waiting = [];

  static open() {
    return new Promise((done, failed) => {
      const peer = new Peer();
      peer.socket = new WebSocket(node.ws);
      peer.socket.on('open', () => done(peer));
      peer.socket.on('error', failed);
      peer.socket.on('message', (data) => {
        peer.#inbox.push(JSON.parse(data));
        peer.#deliver();
      });
    });
  }

  #deliver() {
    this.#waiting = this.#waiting.filter(({ matches, done }) => {
      const at = this.#inbox.findIndex(matches);
      if (at < 0) return true;
      done(this.#inbox.splice(at, 1)[0]);
      return false;
    });
  }

  next(matches, ms = 5000) {
    return new Promise((done, failed) => {
      const late = setTimeout(() => failed(new Error(`nothing came; waiting: ${JSON.stringify(this.#inbox).slice(0, 300)}`)), ms);
      this.#waiting.push({ matches, done: (m) => (clearTimeout(late), done(m)) });
      this.#deliver();
    });
  }

  async call(method, ...params) {
    const id = ++this.#id;
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return this.next((m) => m.id === id);
  }

  async subscribe(...params) {
    const { result, error } = await this.call('eth_subscribe', ...params);
    assert.equal(error, undefined);
    return result;
  }

  async notification(subscription) {
    const message = await this.next((m) => m.method === 'eth_subscription' && m.params.subscription === subscription);
    assert.equal(message.jsonrpc, '2.0');
    return message.params.result;
  }

  /** Whatever waits for `subscription`, once an unrelated request was answered behind it. */
  async pending(subscription) {
    await this.call('eth_chainId');
    return this.#inbox.filter((m) => m.params?.subscription === subscription).length;
  }

  close() {
    this.socket.terminate();
  }
}

let peer;
before(async () => {
  node = await startNode();
  const create = await transaction({ gas: 1500000n, data: concatHex([Counter.bytecode, toHex(1n, { size: 32 })]) });
  counter = (await node.rpc('eth_sendRawTransactionSync', create)).contractAddress;
  peer = await Peer.open();
});
after(async () => {
  peer?.close();
  await node?.stop();
});

test('newHeads sends whole headers without transactions, one per block, in order', async () => {
  const id = await peer.subscribe('newHeads');
  await node.rpc('evm_mine');
  await node.rpc('evm_mine');
  const first = await peer.notification(id);
  const second = await peer.notification(id);
  assert.equal(second.parentHash, first.hash);
  const block = await node.rpc('eth_getBlockByHash', first.hash, false);
  for (const key of ['number', 'stateRoot', 'logsBloom', 'timestamp', 'gasUsed', 'baseFeePerGas', 'miner']) assert.equal(first[key], block[key], key);
  if (!isAnvil) assert.equal(first.transactions, undefined);
  assert.equal((await peer.call('eth_unsubscribe', id)).result, true);
  await node.rpc('evm_mine');
  assert.equal(await peer.pending(id), 0);
});

test('logs come as receipts hold them; filters by topic keep others away', async () => {
  const all = await peer.subscribe('logs', { address: counter });
  const none = await peer.subscribe('logs', { address: counter, topics: [`0x${'77'.repeat(32)}`] });
  const receipt = await node.rpc('eth_sendRawTransactionSync', await increment());
  const log = await peer.notification(all);
  const { blockTimestamp: _, ...expected } = receipt.logs[0];
  const { blockTimestamp: __, ...actual } = log;
  assert.deepEqual(actual, expected);
  assert.equal(await peer.pending(none), 0);
});

test('newPendingTransactions sends hashes, or whole transactions on request', async () => {
  const hashes = await peer.subscribe('newPendingTransactions');
  const whole = isAnvil ? null : await peer.subscribe('newPendingTransactions', true);
  const hash = await node.rpc('eth_sendRawTransaction', await increment());
  assert.equal(await peer.notification(hashes), hash);
  if (whole) assert.equal((await peer.notification(whole)).hash, hash);
});

test('syncing is accepted', { skip: isAnvil && 'anvil lacks it' }, async () => {
  assert.match(await peer.subscribe('syncing'), /^0x/);
});

test('two connections have their own subscriptions', async () => {
  const other = await Peer.open();
  const [mine, theirs] = [await peer.subscribe('newHeads'), await other.subscribe('newHeads')];
  await node.rpc('evm_mine');
  assert.equal((await peer.notification(mine)).hash, (await other.notification(theirs)).hash);
  other.close();
  await node.rpc('evm_mine');
  assert.ok(await peer.notification(mine));
});

test('batches, and many requests at once', async () => {
  peer.socket.send('[{"jsonrpc":"2.0","id":"a","method":"eth_chainId","params":[]},{"jsonrpc":"2.0","id":"b","method":"net_version","params":[]}]');
  const batch = await peer.next((m) => Array.isArray(m));
  assert.deepEqual(batch.map((m) => m.id).sort(), ['a', 'b']);
  const answers = await Promise.all(Array.from({ length: 200 }, () => peer.call('eth_blockNumber')));
  assert.ok(answers.every((a) => a.result));
});

test('subscribing to what there is not, and unsubscribing twice, are errors', { skip: isAnvil && 'anvil answers otherwise' }, async () => {
  const unknown = await peer.call('eth_subscribe', 'noSuchThing');
  assert.equal(unknown.error.code, -32601);
  assert.match(unknown.error.message, /no "noSuchThing" subscription in eth namespace/);
  const gone = await peer.call('eth_unsubscribe', '0x123456');
  assert.match(gone.error.message, /subscription not found/);
});

test('eth_subscribe over HTTP is refused', async () => {
  const { error } = await node.call('eth_subscribe', 'newHeads');
  assert.ok(error);
  if (!isAnvil) assert.match(error.message, /notifications not supported/);
});

test('a message that is no JSON is answered with a parse error', async () => {
  const other = await Peer.open();
  other.socket.send('{"jsonrpc":');
  const { error } = await other.next((m) => m.error);
  assert.equal(error.code, isAnvil ? -32600 : -32700);
  other.close();
  assert.equal(await node.rpc('net_version'), String(chainId));
});

test('a connection that ends amid a subscription harms nobody', async () => {
  for (let i = 0; i < 20; i++) {
    const other = await Peer.open();
    await other.subscribe('newHeads');
    other.close();
  }
  await node.rpc('evm_mine');
  assert.equal((await peer.call('net_version')).result, String(chainId));
});
