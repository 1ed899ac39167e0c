// Foundry's forge against a running node: create, a broadcast script, and tests on a fork of our chain.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from './command.mjs';
import { accounts, chainId, startNode } from './node.mjs';
import { here, scratch } from './paths.mjs';

const [alice] = accounts;
let node;
let project;
let vault;

const forge = (args, env = {}) =>
  run('forge', args, {
    cwd: project,
    env: { FOUNDRY_SOLC: join(here, 'solc.cjs'), ETH_RPC_URL: node.url, PATH: `${process.execPath.replace(/\/node$/, '')}:${process.env.PATH}`, ...env },
  });

before(async () => {
  node = await startNode();
  project = scratch('forge');
  cpSync(join(here, 'forge'), project, { recursive: true });
});
after(async () => {
  await node?.stop();
  if (project) rmSync(project, { recursive: true, force: true });
});

test('forge build compiles with solc.js as its compiler', async () => {
  await forge(['build']);
});

test('forge create deploys with constructor arguments and value', async () => {
  const { stdout } = await forge(['create', 'src/Vault.sol:Vault', '--private-key', alice.key, '--broadcast', '--value', '7', '--json', '--constructor-args', alice.address, 'forked']);
  const created = JSON.parse(stdout.slice(stdout.indexOf('{')));
  vault = created.deployedTo;
  assert.equal(created.deployer.toLowerCase(), alice.address.toLowerCase());
  assert.equal(BigInt(await node.rpc('eth_getBalance', vault, 'latest')), 7n);
  assert.equal((await node.rpc('eth_getTransactionReceipt', created.transactionHash)).status, '0x1');
});

test('forge create without --broadcast changes nothing', async () => {
  const head = await node.rpc('eth_blockNumber');
  await forge(['create', 'src/Vault.sol:Vault', '--private-key', alice.key, '--constructor-args', alice.address, 'dry']);
  assert.equal(await node.rpc('eth_blockNumber'), head);
});

test('forge test --fork-url reads our state, present and past', async () => {
  const env = { VAULT: vault, OWNER: alice.address, CHAIN: String(chainId), URL: node.url, BEFORE: '0' };
  const { stdout } = await forge(['test', '--fork-url', node.url, '--json', '--no-storage-caching'], env).catch((e) => e);
  const suite = Object.values(JSON.parse(stdout.slice(stdout.indexOf('{'))))[0];
  const failed = Object.entries(suite.test_results).filter(([, result]) => result.status !== 'Success');
  assert.deepEqual(failed.map(([name, result]) => `${name}: ${result.reason}`), []);
  assert.equal(Object.keys(suite.test_results).length, 5);
});

test('forge script --broadcast sends its transactions in order', async () => {
  const before = BigInt(await node.rpc('eth_getTransactionCount', alice.address, 'latest'));
  // CREATE2 from a script goes through the deterministic deployment proxy, which a development node has or is given.
  const proxy = '0x4e59b44847b379578588920ca78fbf26c0b4956c';
  if ((await node.rpc('eth_getCode', proxy, 'latest')) === '0x') {
    await node.rpc('anvil_setCode', proxy, '0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3');
  }
  await forge(['script', 'script/Deploy.s.sol:Deploy', '--rpc-url', node.url, '--private-key', alice.key, '--broadcast', '--non-interactive']);
  const record = JSON.parse(readFileSync(join(project, `broadcast/Deploy.s.sol/${chainId}/run-latest.json`), 'utf8'));
  assert.equal(record.receipts.length, 5);
  for (const receipt of record.receipts) {
    assert.equal(receipt.status, '0x1');
    assert.deepEqual((await node.rpc('eth_getTransactionReceipt', receipt.transactionHash)).blockHash, receipt.blockHash);
  }
  assert.equal(BigInt(await node.rpc('eth_getTransactionCount', alice.address, 'latest')), before + 5n);
  const [first, second] = record.receipts.map((r) => r.contractAddress);
  assert.equal(BigInt(await node.rpc('eth_getBalance', first, 'latest')), 0n);
  assert.equal(BigInt(await node.rpc('eth_getBalance', second, 'latest')), 3n);
});
