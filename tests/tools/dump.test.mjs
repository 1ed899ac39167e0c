// Dumps of the state go from chain to chain, and between our node and anvil, both ways.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { concatHex, parseGwei, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile } from './contracts.mjs';
import { accounts, chainId, startNode } from './node.mjs';

const { Counter } = compile('Counter.sol');
const alice = privateKeyToAccount(accounts[0].key);
const increment = '0xd09de08a';
let ours;
let other;
let anvil;
let counter;

const fees = { chainId, type: 'eip1559', maxFeePerGas: parseGwei('10'), maxPriorityFeePerGas: 1n };
const next = async (node, transaction) => {
  const nonce = Number(await node.rpc('eth_getTransactionCount', alice.address, 'latest'));
  return node.rpc('eth_sendRawTransactionSync', await alice.signTransaction({ ...fees, nonce, ...transaction }));
};
const value = (node) => node.rpc('eth_getStorageAt', counter, '0x0', 'latest');

before(async () => {
  [ours, other, anvil] = await Promise.all([startNode(), startNode(), startNode({ wanted: 'anvil' })]);
  counter = (await next(ours, { gas: 1500000n, data: concatHex([Counter.bytecode, toHex(40n, { size: 32 })]) })).contractAddress;
  await next(ours, { gas: 100000n, to: counter, data: increment });
});
after(() => Promise.all([ours, other, anvil].map((node) => node?.stop())));

test('another chain of ours goes on from a dump', async () => {
  assert.equal(await other.rpc('anvil_loadState', await ours.rpc('anvil_dumpState')), true);
  assert.equal(await other.rpc('eth_getCode', counter, 'latest'), Counter.runtime);
  assert.equal((await next(other, { gas: 100000n, to: counter, data: increment })).status, '0x1');
  assert.equal(await value(other), toHex(42n, { size: 32 }));
});

test('anvil goes on from our dump', async () => {
  assert.equal(await anvil.rpc('anvil_loadState', await ours.rpc('anvil_dumpState')), true);
  assert.equal(await anvil.rpc('eth_blockNumber'), await ours.rpc('eth_blockNumber'));
  assert.equal((await next(anvil, { gas: 100000n, to: counter, data: increment })).status, '0x1');
  assert.equal(await value(anvil), toHex(42n, { size: 32 }));
});

test('we go on from anvil\'s dump', async () => {
  await anvil.rpc('anvil_setStorageAt', counter, '0x0', toHex(99n, { size: 32 }));
  assert.equal(await ours.rpc('anvil_loadState', await anvil.rpc('anvil_dumpState')), true);
  assert.equal((await next(ours, { gas: 100000n, to: counter, data: increment })).status, '0x1');
  assert.equal(await value(ours), toHex(100n, { size: 32 }));
});
