// `valence dev` as a program: its start, its options, what survives a restart, and how it ends.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { parseGwei } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { run } from './command.mjs';
import { accounts, chainId, isAnvil, nodeProgram, startNode, systemTransactions } from './node.mjs';
import { scratch } from './paths.mjs';

const alice = privateKeyToAccount(accounts[0].key);
const { address: bob } = accounts[1];
const nodes = [];
const folders = [];
const started = async (options) => {
  const node = await startNode(options);
  nodes.push(node);
  return node;
};
const transfer = (nonce, id = chainId) =>
  alice.signTransaction({ type: 'eip1559', chainId: id, nonce, to: bob, value: 1n, gas: 21000n, maxFeePerGas: parseGwei('50'), maxPriorityFeePerGas: 1n });

after(async () => {
  await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('valence dev', { skip: isAnvil && 'anvil has its own options' }, () => {
  test('--help names every option; a wrong one is an error that says so', async () => {
    const { stdout } = await run(nodeProgram(), ['dev', '--help']);
    for (const option of ['--port', '--host', '--chain-id', '--accounts', '--balance', '--block-time', '--no-mining', '--state']) assert.ok(stdout.includes(option), option);
    const error = await run(nodeProgram(), ['dev', '--prot', '1']).then(() => assert.fail('accepted'), (e) => e);
    assert.match(error.stderr + error.stdout, /--prot/);
    const port = await run(nodeProgram(), ['dev', '--port', '99999']).then(() => assert.fail('accepted'), (e) => e);
    assert.match(port.stderr + port.stdout, /port/i);
  });

  test('answers from its start; how soon is reported', async (t) => {
    const times = [];
    // Reported rather than asserted: other programs may take the processor meanwhile.
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      const node = await started();
      assert.equal(await node.rpc('eth_blockNumber'), '0x0');
      times.push(performance.now() - start);
      await node.stop();
    }
    t.diagnostic(`start to first answer: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  });

  test('prints its accounts with keys, its address and its chain id', async () => {
    const node = await started();
    assert.ok(await node.printed(node.url));
    const output = node.output();
    for (const { address, key } of accounts) {
      assert.ok(output.includes(address), address);
      assert.ok(output.includes(key), key);
    }
    assert.ok(output.includes(String(chainId)));
  });

  test('--accounts, --balance and --chain-id', async () => {
    const node = await started({ args: ['--accounts', '3', '--balance', '7', '--chain-id', '4242'] });
    const listed = await node.rpc('eth_accounts');
    assert.deepEqual(listed.map((a) => a.toLowerCase()), accounts.slice(0, 3).map((a) => a.address.toLowerCase()));
    assert.equal(BigInt(await node.rpc('eth_getBalance', bob, 'latest')), 7n * 10n ** 18n);
    assert.equal(await node.rpc('eth_chainId'), '0x1092');
  });

  test('--block-time makes blocks by the clock, --no-mining none', async () => {
    const [clocked, still] = [await started({ blockTimeMs: 100 }), await started({ mining: 'none' })];
    await still.rpc('eth_sendRawTransaction', await transfer(0));
    const hash = await clocked.rpc('eth_sendRawTransaction', await transfer(0));
    for (const end = Date.now() + 5000; ; ) {
      if (await clocked.rpc('eth_getTransactionReceipt', hash)) break;
      assert.ok(Date.now() < end, 'the transaction is mined');
    }
    const head = Number(await clocked.rpc('eth_blockNumber'));
    for (const end = Date.now() + 5000; Number(await clocked.rpc('eth_blockNumber')) < head + 3; ) assert.ok(Date.now() < end, 'blocks go on');
    assert.equal(await still.rpc('eth_blockNumber'), '0x0');
    await still.rpc('evm_mine');
    assert.equal(await still.rpc('eth_getBlockTransactionCountByNumber', 'latest'), `0x${systemTransactions + 1}`);
  });

  test('Ctrl-C ends it cleanly, also with a WebSocket and a kept connection open', async () => {
    const node = await started();
    const socket = new WebSocket(node.ws);
    await new Promise((done, failed) => {
      socket.onopen = done;
      socket.onerror = failed;
    });
    await node.rpc('eth_blockNumber');
    assert.equal(await node.stop('SIGINT'), 0);
    const other = await started();
    assert.equal(await other.stop('SIGTERM'), 0);
  });

  test('a port in use is an error that says so', async () => {
    const node = await started();
    const error = await run(nodeProgram(), ['dev', '--port', new URL(node.url).port]).then(() => assert.fail('it started'), (e) => e);
    assert.match(error.stderr + error.stdout, /in use/i);
  });

  for (const [signal, how] of [['SIGINT', 'a clean end'], ['SIGKILL', 'kill -9']]) {
    test(`--state keeps blocks, receipts and balances over ${how}`, async () => {
      const folder = scratch('state');
      folders.push(folder);
      const first = await started({ args: ['--state', folder] });
      const hashes = [];
      for (let nonce = 0; nonce < 5; nonce++) hashes.push(await first.rpc('eth_sendRawTransaction', await transfer(nonce)));
      for (const hash of hashes) assert.equal((await first.rpc('eth_getTransactionReceipt', hash))?.status, '0x1');
      const head = await first.rpc('eth_getBlockByNumber', 'latest', true);
      const balance = await first.rpc('eth_getBalance', bob, 'latest');
      await first.stop(signal);

      const second = await started({ args: ['--state', folder] });
      assert.deepEqual(await second.rpc('eth_getBlockByNumber', head.number, true), head);
      assert.equal(await second.rpc('eth_getBalance', bob, 'latest'), balance);
      for (const hash of hashes) assert.equal((await second.rpc('eth_getTransactionReceipt', hash)).status, '0x1');
      await second.rpc('eth_sendRawTransaction', await transfer(5));
      assert.equal(Number(await second.rpc('eth_blockNumber')), Number(head.number) + 1);
      const old = await second.rpc('eth_getBalance', bob, '0x1');
      assert.equal(BigInt(balance) - BigInt(old), 4n);
    });
  }
});
