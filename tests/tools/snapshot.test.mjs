// Full nodes that start from a snapshot, on real processes.
import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createWalletClient, createPublicClient, defineChain, http, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { run } from './command.mjs';
import { startFullNode } from './full_node.mjs';
import { accounts, chainId, isAnvil, nodeProgram, startNode } from './node.mjs';

const [alice, bob] = accounts.map((a) => privateKeyToAccount(a.key));
/** Counts its calls in slot 0, and logs each. */
const counter = '0x600b8060095f395ff35f546001015f555f5fa000';

describe('snapshots', { skip: isAnvil }, () => {
  let folder;
  let node;
  let chain;
  let client;
  let wallet;
  let contract;
  let taken;
  const at = (name) => join(folder, name);
  const serve = async () => {
    node = await startNode({ args: ['--state', at('chain')] });
    chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [node.url] } } });
    client = createPublicClient({ chain, transport: http(), pollingInterval: 20, cacheTime: 0 });
    wallet = createWalletClient({ account: alice, chain, transport: http() });
  };
  const send = async (transaction) => client.waitForTransactionReceipt({ hash: await wallet.sendTransaction(transaction) });
  const exporting = (...args) => run(nodeProgram(), ['snapshot', 'export', '--data', at('chain'), ...args]);
  const join_ = (name, ...args) => startFullNode(node.url, chain, ['--data', at(name), '--snapshot', at('file'), ...args]);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'valence-snapshot-'));
    await serve();
    contract = (await send({ data: counter })).contractAddress;
    for (let i = 0; i < 3; ++i) await send({ to: contract });
    taken = await client.getBlock();
    await node.stop();
    assert.match((await exporting(at('file'))).stdout, new RegExp(`block ${taken.number}, ${taken.hash}`));
    await serve();
    await send({ to: bob.address, value: 1n });
    await send({ to: contract });
  });
  after(async () => {
    await node?.stop();
    await rm(folder, { recursive: true });
  });

  test('a node starts from one and follows', async () => {
    const full = await join_('full');
    try {
      assert.match(full.output(), new RegExp(`Starting from block ${taken.number}`));
      const head = await client.getBlock();
      await full.reaches(head.number);
      assert.equal((await full.client.getBlock({ blockNumber: head.number })).stateRoot, head.stateRoot);
      assert.equal(await full.client.getStorageAt({ address: contract, slot: '0x0' }), toHex(4, { size: 32 }));
      // What came before is not there, and not said to be empty.
      await assert.rejects(full.client.getBlock({ blockNumber: 1n }), /could not be found/);
      await assert.rejects(full.client.getLogs({ address: contract, fromBlock: 1n, toBlock: head.number }), /not kept/);
      const later = await full.client.getLogs({ address: contract, fromBlock: taken.number, toBlock: head.number });
      assert.equal(later.length, 2);
    } finally {
      await full.stop();
    }
  });

  test('started again it goes on from where it was', async () => {
    const full = await join_('full');
    try {
      assert.doesNotMatch(full.output(), /Starting from/);
      const { blockNumber } = await send({ to: bob.address, value: 1n });
      await full.reaches(blockNumber);
    } finally {
      await full.stop();
    }
  });

  test('info says what a file holds', async () => {
    const { stdout } = await run(nodeProgram(), ['snapshot', 'info', at('file')]);
    assert.match(stdout, new RegExp(`block ${taken.number}, ${taken.hash}`));
  });

  test('a file that was changed, or is of another block, is refused by name', async () => {
    await assert.rejects(join_('other', '--trust', `0x${'11'.repeat(32)}`), /the snapshot's block is not the one that was asked for/);
    await assert.rejects(join_('other', '--trust', ''), /write a block's hash/, 'an empty variable of a script is not the joined node');
    await assert.rejects(startFullNode(node.url, chain, ['--data', at('other'), '--trust', taken.hash]), /--trust requires --snapshot/);
    await assert.rejects(startFullNode(node.url, chain, ['--snapshot', at('file')]), /--snapshot needs --state/);
    const file = await open(at('file'), 'r+');
    try {
      // Within the last account's frame: the end is a few bytes long.
      const { size } = await file.stat();
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, size - 40);
      byte[0] ^= 1;
      await file.write(byte, 0, 1, size - 40);
    } finally {
      await file.close();
    }
    await assert.rejects(join_('changed'), /snapshot/);
    assert.ok((await readdir(at('changed'))).every((name) => name !== 'models'), 'no node was started in it');
  });

  test('a folder that a node uses cannot be exported', async () => {
    await assert.rejects(exporting(at('again')), /error: /);
  });
});
