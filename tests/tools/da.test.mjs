// A chain on data availability, as its users see it: posted, derived by others, audited, and what is said when it is not.
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createPublicClient, createWalletClient, defineChain, http, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import WebSocket from 'ws';
import { run } from './command.mjs';
import { caller, postedBlocks, startLayer, startProxy } from './da.mjs';
import { startFullNode } from './full_node.mjs';
import { accounts, chainId, isAnvil, nodeProgram, startNode } from './node.mjs';

const [alice, bob] = accounts.map((a) => privateKeyToAccount(a.key));

const until = async (what, told, ms = 30000) => {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((r) => setTimeout(r, 25))) if (await told()) return;
  assert.fail(what);
};

describe('data availability', { skip: isAnvil }, () => {
  let folder;
  let node;
  let layer;
  let chain;
  let client;
  let wallet;
  const at = (name) => join(folder, name);
  const genesis = () => at('genesis.json');
  const send = async (transaction) => client.waitForTransactionReceipt({ hash: await wallet.sendTransaction(transaction) });
  const audit = (...args) => run(nodeProgram(), ['audit', '--da', layer, '--genesis', genesis(), ...args]);
  const refused = async (...args) => {
    const failure = await run(nodeProgram(), ['audit', ...args]).then(({ stdout }) => assert.fail(`it did not fail: ${stdout}`), (error) => error);
    assert.notEqual(failure.code, 0);
    return `${failure.stdout}\n${failure.stderr}`;
  };
  const allPosted = async () => {
    const head = await client.getBlock();
    await until(`block ${head.number} was not posted`, async () => (await client.getBlock({ blockTag: 'safe' })).number >= head.number);
    return head;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'valence-da-'));
    node = await startNode({ args: ['--da', 'embedded', '--da-port', '0'] });
    assert.ok(await node.printed('Data availability: '));
    layer = node.output().match(/Data availability: (\S+)/)[1];
    chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [node.url] } } });
    client = createPublicClient({ chain, transport: http(), pollingInterval: 20, cacheTime: 0 });
    wallet = createWalletClient({ account: alice, chain, transport: http() });
    await writeFile(genesis(), JSON.stringify(await node.rpc('valence_getGenesis')));
    for (let i = 0; i < 4; ++i) await send({ to: bob.address, value: 1n });
  });
  after(async () => {
    await node?.stop();
    await rm(folder, { recursive: true });
  });

  test('the auditor verifies every block from it', async () => {
    const head = await allPosted();
    const { stdout } = await audit();
    assert.match(stdout, /VERIFIED$/);
    assert.doesNotMatch(stdout, /NOT VERIFIED/);
    assert.match(stdout, new RegExp(`block ${head.number}, ${head.hash}`));
    assert.match(stdout, new RegExp(`state root +${head.stateRoot}`));
    assert.match((await audit('--from', String(head.number))).stdout, /\n? +blocks +1\n/);
  });

  test('a few drawn shares say how sure one can be that all of it is there', async () => {
    await allPosted();
    const { stdout } = await audit('--sample');
    assert.match(stdout, /confidence +9\d\.\d+ %|confidence +100\.0+ %/);
    assert.match(stdout, /AVAILABLE$/);
    const both = (await audit('--sample-first', '--samples', '4')).stdout;
    assert.match(both, /AVAILABLE[^]*VERIFIED$/);
  });

  test('a full node that was wiped comes to the same state from it alone', async () => {
    const args = ['--da', layer, '--genesis', genesis(), '--data', at('full')];
    const full = await startFullNode(null, chain, args);
    const head = await allPosted();
    await full.reaches(head.number);
    await full.kill();
    await rm(at('full'), { recursive: true });
    const again = await startFullNode(null, chain, args);
    try {
      await again.reaches(head.number);
      assert.equal((await again.client.getBlock({ blockNumber: head.number })).stateRoot, head.stateRoot);
      assert.equal((await again.client.getBlock({ blockTag: 'finalized' })).number, head.number);
      const { result: status } = await answerOf(again.url, 'valence_daStatus');
      assert.equal(status.role, 'deriving');
      assert.equal(Number(status.derived), Number(head.number));
      const { result: place } = await answerOf(again.url, 'valence_getBlockDa', toHex(head.number));
      assert.equal(place.pieces.length, 1);
      // And goes on with what comes.
      const { blockNumber } = await send({ to: bob.address, value: 1n });
      await again.reaches(blockNumber);
    } finally {
      await again.stop();
    }
  });

  test('a node says where a block is, and proves it as the layer does', async () => {
    const head = await allPosted();
    const place = await node.rpc('valence_getBlockDaProof', toHex(head.number));
    assert.ok(Number(place.first) <= Number(head.number) && Number(place.last) >= Number(head.number));
    const call = caller(layer);
    const base64 = (hex) => Buffer.from(hex.slice(2), 'hex').toString('base64');
    for (const piece of place.pieces) {
      const { header, commit } = await call('header.GetByHeight', Number(piece.height));
      assert.equal(piece.dataRoot.slice(2).toUpperCase(), header.data_hash);
      assert.equal(piece.layerHash.slice(2).toUpperCase(), commit.block_id.hash);
      const blob = await call('blob.Get', Number(piece.height), base64(place.namespace), base64(piece.commitment));
      assert.equal(blob.namespace, base64(place.namespace));
      assert.deepEqual(piece.proof, await call('blob.GetCommitmentProof', Number(piece.height), base64(place.namespace), base64(piece.commitment)));
    }
    const { proof, ...bare } = place.pieces[0];
    assert.ok(proof.subtree_roots.length > 0);
    assert.deepEqual((await node.rpc('valence_getBlockDa', toHex(head.number))).pieces[0], bare);
    assert.equal(await node.rpc('valence_getBlockDa', toHex(head.number + 100n)), null);
    assert.equal(await node.rpc('valence_getBlockDa', '0x0'), null, 'the genesis is posted nowhere');
  });

  test('a node says how far it is', async () => {
    const head = await allPosted();
    const status = await node.rpc('valence_daStatus');
    assert.equal(status.layer, layer);
    assert.equal(status.role, 'posting');
    assert.equal(Number(status.posted), Number(head.number));
    assert.equal(status.lag, '0x0');
    assert.equal(status.building, true);
    assert.equal(status.trouble, null);
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    assert.match(metrics, /valence_da_lag_blocks 0\n/);
    assert.match(metrics, new RegExp(`valence_da_posted_block ${head.number}\n`));
    const { result } = await answerOf((await bare()).url, 'valence_daStatus');
    assert.equal(result, null, 'a node without');
  });

  test('an auditor that was told something wrong is told so', async () => {
    assert.match(await refused('--da', layer), /--genesis FILE is missing/);
    assert.match(await refused('--da', layer, '--genesis', at('nowhere.json')), /nowhere\.json/);
    await writeFile(at('broken.json'), '{');
    assert.match(await refused('--da', layer, '--genesis', at('broken.json')), /broken\.json/);
    assert.match(await refused('--da', 'http://127.0.0.1:1', '--genesis', genesis()), /data-availability layer cannot be reached/);
    assert.match(await refused('--da', node.url, '--genesis', genesis()), /method[^]*(not found|does not exist|not available)/, 'the node is no layer');
    assert.match(await refused('--da', 'nonsense://x', '--genesis', genesis()), /not a URL/);
    const other = JSON.parse(JSON.stringify(await node.rpc('valence_getGenesis')));
    other.timestamp = toHex(BigInt(other.timestamp) - 1n);
    await writeFile(at('other.json'), JSON.stringify(other));
    for (const how of [[], ['--sample']]) assert.match(await refused('--da', layer, '--genesis', at('other.json'), ...how), /nothing of this chain[^]*another chain, or another layer/);
    const guarded = await startLayer({ args: ['--token', 'secret'] });
    try {
      assert.match(await refused('--da', guarded.url, '--genesis', genesis()), /missing permission/);
      assert.match(await refused('--da', guarded.url, '--genesis', genesis(), '--token', 'wrong'), /401/);
    } finally {
      await guarded.kill();
    }
  });

  test('headers and blobs come over WebSocket as celestia-node sends them', async () => {
    const namespace = Buffer.from((await node.rpc('valence_daStatus')).namespace.slice(2), 'hex').toString('base64');
    const socket = new WebSocket(layer.replace('http', 'ws'));
    const inbox = [];
    socket.on('message', (data) => inbox.push(JSON.parse(data)));
    await new Promise((done, failed) => socket.once('open', done).once('error', failed));
    const answer = async (id) => {
      await until(`no answer to ${id}`, () => inbox.some((m) => m.id === id));
      return inbox.find((m) => m.id === id).result;
    };
    const ask = (id, method, ...params) => socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    ask(1, 'header.Subscribe');
    ask(2, 'blob.Subscribe', namespace);
    ask(3, 'header.LocalHead');
    const [headers, blobs, head] = [await answer(1), await answer(2), await answer(3)];
    assert.notEqual(headers, blobs);
    assert.ok(head.header.height);
    await send({ to: bob.address, value: 1n });
    const values = (channel) => inbox.filter((m) => m.method === 'xrpc.ch.val' && m.params[0] === channel).map((m) => m.params[1]);
    await until('no blobs came', () => values(blobs).some((v) => v.Blobs));
    const found = values(blobs).find((v) => v.Blobs);
    assert.equal(found.Blobs[0].namespace, namespace);
    await until('the header did not come', () => values(headers).some((h) => Number(h.header.height) === found.Height));
    const heights = values(headers).map((h) => Number(h.header.height));
    assert.deepEqual(heights, heights.map((_, i) => heights[0] + i), 'every one, in order');
    ask(4, 'xrpc.cancel', 2);
    await until('the channel was not closed', () => inbox.some((m) => m.method === 'xrpc.ch.close' && m.params[0] === blobs));
    ask(5, 'blob.Subscribe', 'nonsense');
    await until('no error came', () => inbox.some((m) => m.id === 5 && m.error));
    socket.close();
    await assert.rejects(caller(layer)('header.Subscribe'), /not supported in this mode/);
  });

  test('a transaction goes past the sequencer', async () => {
    const transaction = await wallet.prepareTransactionRequest({ account: bob, to: alice.address, value: 1n });
    const signed = await bob.signTransaction(transaction);
    const { stdout } = await run(nodeProgram(), ['da', 'force', '--da', layer, '--genesis', genesis(), signed]);
    const [hash] = stdout.match(/0x[0-9a-f]{64}/);
    const { status } = await client.waitForTransactionReceipt({ hash });
    assert.equal(status, 'success');
    const failure = await run(nodeProgram(), ['da', 'force', '--da', layer, '--genesis', genesis(), '0x00']).then(() => assert.fail('it did not fail'), (error) => error);
    assert.match(failure.stderr, /error: /);
  });

  test('who follows a node has the newest blocks, and says only with the layer what is safe', async () => {
    const blind = await startFullNode(node.url, chain);
    const both = await startFullNode(node.url, chain, ['--da', layer]);
    try {
      const head = await allPosted();
      await blind.reaches(head.number);
      await both.reaches(head.number);
      assert.equal((await answerOf(blind.url, 'eth_getBlockByNumber', 'safe', false)).result, null);
      await until('it is not safe', async () => (await both.client.getBlock({ blockTag: 'safe' })).number >= head.number);
      const info = await node.rpc('valence_getGenesis');
      assert.equal(info.config.valence.dataAvailability.name, 'valence-1986');
    } finally {
      await blind.stop();
      await both.stop();
    }
  });

  let other;
  const bare = async () => (other ??= await startNode());
  after(() => other?.stop());
});

/** A call of our own RPC: the whole answer. */
async function answerOf(url, method, ...params) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
  return response.json();
}

test('every block is posted once', { skip: isAnvil }, async () => {
  const layer = await startLayer();
  const node = await startNode({ args: ['--da', layer.url] });
  try {
    for (let i = 0; i < 5; ++i) {
      await node.rpc('evm_mine');
      await until('not posted', async () => (await node.rpc('valence_daStatus')).lag === '0x0');
    }
    const { namespace } = await node.rpc('valence_daStatus');
    assert.deepEqual(await postedBlocks(layer.call, namespace), [1, 2, 3, 4, 5]);
  } finally {
    await node.stop();
    await layer.kill();
  }
});

test('who follows a node that the layer contradicts goes by the layer, and on', { skip: isAnvil }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'valence-da-contradicted-'));
  const layer = await startLayer();
  const proxy = await startProxy(layer.url);
  const started = [];
  const start = async (name, url) => {
    const node = await startNode({ args: ['--state', join(folder, name), '--da', url] });
    started.push(node);
    return node;
  };
  try {
    const first = await start('true', layer.url);
    await first.rpc('evm_mine');
    await until('not posted', async () => (await first.rpc('valence_daStatus')).lag === '0x0');
    await first.stop();
    await cp(join(folder, 'true'), join(folder, 'false'), { recursive: true });
    // Two sequencers of one chain: what the second one builds is never posted.
    proxy.refuse('blob.Submit');
    const liar = await start('false', proxy.url);
    const [from] = await liar.rpc('eth_accounts');
    await until('no block', () => liar.rpc('eth_sendTransaction', { from, to: from, value: '0x1' }).then(() => true, () => false));
    await until('not mined', async () => Number(await liar.rpc('eth_blockNumber')) >= 2);
    const told = (await liar.rpc('eth_getBlockByNumber', '0x2', false)).hash;
    const chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [liar.url] } } });
    const full = await startFullNode(liar.url, chain, ['--da', layer.url]);
    started.push(full);
    const hashOf = async (node, number) => (await answerOf(node.url, 'eth_getBlockByNumber', toHex(number), false)).result?.hash;
    await until('it does not follow', async () => (await hashOf(full, 2)) === told);
    const honest = await start('true', layer.url);
    await until('no block', () => honest.rpc('evm_mine').then(() => true, () => false));
    const posted = (await honest.rpc('eth_getBlockByNumber', '0x2', false)).hash;
    assert.notEqual(posted, told);
    await until('it does not go by the layer', async () => (await hashOf(full, 2)) === posted);
    await until('it is not safe', async () => (await answerOf(full.url, 'eth_getBlockByNumber', 'safe', false)).result.hash === posted);
    // The one that it follows comes round, and it goes on.
    await until('it did not come round', async () => (await hashOf(liar, 2)) === posted);
    await until('no block', () => honest.rpc('evm_mine').then(() => true, () => false));
    const next = (await honest.rpc('eth_getBlockByNumber', 'latest', false)).number;
    await full.reaches(BigInt(next));
  } finally {
    for (const node of started) await node.stop();
    await proxy.stop();
    await layer.kill();
    await rm(folder, { recursive: true, force: true });
  }
});
