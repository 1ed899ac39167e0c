// The blocks' randomness on real processes, held against another implementation of BLS signatures.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { concat, defineChain, hexToBytes, keccak256, numberToHex, zeroHash } from 'viem';
import { run } from './command.mjs';
import { startFullNode } from './full_node.mjs';
import { chainId, isAnvil, nodeProgram, startNode } from './node.mjs';

const DOMAIN = 'VALENCE-V01-BEACON-BLS12381G1_XMD:SHA-256_SSWU_RO_';
/** Answers PREVRANDAO: mstore(0, prevrandao) return(0, 32), as init code. */
const readRandomness = '0x445f5260205ff3';
const bls = bls12_381.shortSignatures;
const chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [] } } });

/** The hash of the data-availability header that a block's first transaction names. */
const daHeader = ([first]) => (first?.type === '0x7e' ? `0x${first.input.slice(10 + 64, 10 + 128)}` : zeroHash);

describe('beacon', { skip: isAnvil }, () => {
  let folder;
  let node;
  let publicKey;
  const nodes = [];
  const at = (name) => join(folder, name);
  const dev = async (...args) => {
    nodes.push(await startNode({ args }));
    return nodes.at(-1);
  };
  const block = (number, of = node) => of.rpc('eth_getBlockByNumber', number, true);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'valence-beacon-'));
    publicKey = (await run(nodeProgram(), ['beacon-key', at('key')])).stdout;
    const { stdout } = await run(nodeProgram(), ['genesis', '--beacon-key', at('key')]);
    await writeFile(at('genesis.json'), stdout);
    node = await dev('--genesis', at('genesis.json'), '--beacon-key', at('key'));
    await node.rpc('anvil_mine', '0x5');
  });
  after(async () => {
    await Promise.all(nodes.map((one) => one.stop()));
    await rm(folder, { recursive: true });
  });

  test('the key is its owner’s alone, and never shown', async () => {
    assert.equal((await stat(at('key'))).mode & 0o777, 0o600);
    const secret = (await readFile(at('key'), 'utf8')).trim();
    assert.match(secret, /^0x[0-9a-f]{64}$/);
    assert.equal(`0x${bls.getPublicKey(hexToBytes(secret)).toHex(true)}`, publicKey);
    assert.ok(!node.output().includes(secret.slice(2)));
    assert.equal((await run(nodeProgram(), ['beacon-key', '--show', at('key')])).stdout, publicKey);
    await assert.rejects(run(nodeProgram(), ['beacon-key', at('key')]), /File exists/);
  });

  test('each block’s is the key’s signature on its number', async () => {
    const key = bls12_381.G2.Point.fromHex(publicKey.slice(2));
    for (const number of [1, 2, 3, 4, 5]) {
      const { beacon } = await node.rpc('valence_getBlockBody', numberToHex(number));
      const message = hexToBytes(concat([numberToHex(chainId, { size: 8 }), numberToHex(number, { size: 8 })]));
      assert.ok(bls.verify(bls.Signature.fromHex(beacon.slice(2)), bls.hash(message, DOMAIN), key), `${number}`);
      const { mixHash, transactions } = await block(numberToHex(number));
      assert.equal(mixHash, keccak256(concat([beacon, daHeader(transactions)])));
    }
    assert.equal((await node.rpc('valence_getBlockBody', '0x0')).beacon, null);
  });

  test('contracts see the block’s, and never that of a block to come', async () => {
    const read = (tag) => node.rpc('eth_call', { data: readRandomness }, tag);
    const { mixHash } = await block('latest');
    assert.equal(await read('latest'), mixHash);
    const shown = await read('pending');
    await node.rpc('anvil_mine', '0x1');
    assert.notEqual(shown, (await block('latest')).mixHash);
  });

  test('a key that is not the chain’s, and none, are refused', async () => {
    await run(nodeProgram(), ['beacon-key', at('other')]);
    const start = (...args) => run(nodeProgram(), ['dev', '--port', '0', '--genesis', at('genesis.json'), ...args]);
    await assert.rejects(start('--beacon-key', at('other')), /the beacon key is not the one that the genesis names/);
    await assert.rejects(start(), /--beacon-key/);
    await writeFile(at('no-key'), 'secret words');
    await assert.rejects(start('--beacon-key', at('no-key')), (e) => /no-key holds no key/.test(e.message) && !/secret words/.test(e.stderr));
  });

  test('a full node follows, and refuses what a dev tool set instead', async () => {
    const full = await startFullNode(node.url, chain);
    try {
      const head = await block('latest');
      await full.reaches(BigInt(head.number));
      assert.equal((await full.client.getBlock({ blockNumber: BigInt(head.number) })).hash, head.hash);
      await node.rpc('anvil_setPrevRandao', `0x${'11'.repeat(32)}`);
      await node.rpc('anvil_mine', '0x1');
      assert.equal((await block('latest')).mixHash, `0x${'11'.repeat(32)}`);
      await full.says('the mix hash is not made of the block');
    } finally {
      await full.stop();
    }
  });
});
