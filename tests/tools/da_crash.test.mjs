// A sequencer and its layer as processes of their own, killed at every step of posting: nothing is skipped, nothing doubled.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from './command.mjs';
import { postedBlocks, startLayer, startProxy } from './da.mjs';
import { isAnvil, nodeProgram, startNode } from './node.mjs';

const until = async (what, told, ms = 60000) => {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((r) => setTimeout(r, 20))) if (await told()) return;
  assert.fail(what);
};
const range = (last) => Array.from({ length: last }, (_, i) => i + 1);

describe('killed while posting', { skip: isAnvil }, () => {
  let folder;
  let layer;
  let proxy;
  const at = (name) => join(folder, name);
  const start = (...args) => startNode({ args: ['--state', at('chain'), '--da', proxy.url, '--da-settling', '1', ...args] });
  const status = (node) => node.rpc('valence_daStatus');
  const allPosted = (node) => until('not all was posted', async () => (await status(node)).lag === '0x0');
  const audit = async (node, number) => {
    await writeFile(at('genesis.json'), JSON.stringify(await node.rpc('valence_getGenesis')));
    const { stdout } = await run(nodeProgram(), ['audit', '--da', layer.url, '--genesis', at('genesis.json')]);
    assert.match(stdout, new RegExp(`head +block ${number},[^]*\\nVERIFIED$`));
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'valence-da-crash-'));
    layer = await startLayer({ blockTime: 500, args: ['--data', at('layer')] });
    proxy = await startProxy(layer.url);
  });
  after(async () => {
    await proxy?.stop();
    await layer?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  test('the sequencer, before and after every request of its poster', async () => {
    const points = ['header.LocalHead', 'blob.Submit', 'blob.GetAll'].flatMap((method) => [1, 2].flatMap((nth) => ['before', 'after'].map((phase) => ({ method, nth, phase }))));
    let mined = 0;
    let sprung = 0;
    for (const point of points) {
      const node = await start();
      let killed = false;
      proxy.arm({ ...point, then: () => { killed = true; node.kill(); } });
      // Until it is killed, or has nothing more to ask.
      for (let i = 0; i < 2 && !killed; ++i) {
        if (await node.rpc('evm_mine').then(() => true, () => false)) ++mined;
        await until('neither killed nor posted', async () => killed || (await status(node).then((s) => s.lag === '0x0', () => false)));
      }
      if (killed) ++sprung;
      await node.kill();
    }
    assert.ok(sprung >= 8, `${sprung} of ${points.length} points were reached`);
    const node = await start();
    try {
      const head = Number(await node.rpc('eth_blockNumber'));
      assert.ok(head >= mined, 'no block that was answered for is lost');
      await allPosted(node);
      assert.deepEqual(await postedBlocks(layer.call, (await status(node)).namespace), range(head));
      await audit(node, head);
    } finally {
      await node.stop();
    }
  });

  test('the layer, which comes back', async () => {
    const node = await start('--da-most-lag', '3');
    try {
      await allPosted(node);
      const before = Number(await node.rpc('eth_blockNumber'));
      await layer.kill();
      for (let i = 0; i < 3; ++i) await node.rpc('evm_mine');
      // Three may wait, no more: what is sent meanwhile waits in the pool.
      await assert.rejects(node.rpc('evm_mine'), /too many blocks wait to be posted/);
      const [from] = await node.rpc('eth_accounts');
      const hash = await node.rpc('eth_sendTransaction', { from, to: from, value: '0x1' });
      assert.equal(await node.rpc('eth_getTransactionReceipt', hash), null);
      await until('no trouble', async () => (await status(node)).trouble !== null);
      const stopped = await status(node);
      assert.equal(stopped.building, false);
      assert.equal(stopped.lag, '0x3');
      assert.match(stopped.trouble, /cannot be reached/);
      assert.ok(await node.printed('too many blocks wait to be posted'), 'it says so');
      layer = await startLayer({ port: layer.port, blockTime: 500, args: ['--data', at('layer')] });
      await until('the transaction was not mined', async () => (await node.rpc('eth_getTransactionReceipt', hash)) !== null);
      await allPosted(node);
      const head = Number(await node.rpc('eth_blockNumber'));
      assert.equal(head, before + 4);
      assert.deepEqual(await postedBlocks(layer.call, (await status(node)).namespace), range(head));
      await audit(node, head);
    } finally {
      await node.stop();
    }
  });

  test('a lost record is made again from what the layer holds', async () => {
    await rm(at('chain/da'), { recursive: true });
    // Without the proxy: all of the layer is read.
    const node = await startNode({ args: ['--state', at('chain'), '--da', layer.url] });
    try {
      await node.rpc('evm_mine');
      await allPosted(node);
      const head = Number(await node.rpc('eth_blockNumber'));
      assert.deepEqual(await postedBlocks(layer.call, (await status(node)).namespace), range(head));
    } finally {
      await node.stop();
    }
  });
});
