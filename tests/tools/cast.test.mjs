// Foundry's cast, against a running node: each command as a contract developer types it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { run } from './command.mjs';
import { compile } from './contracts.mjs';
import { accounts, chainId, isAnvil, startNode } from './node.mjs';
import { assertProof } from './proof.mjs';

const { Counter, Delegate } = { ...compile('Counter.sol'), ...compile('Delegate.sol') };
const [alice, bob, carol] = accounts;
let node;
let counter;

const cast = async (...args) => (await run('cast', args, { env: { ETH_RPC_URL: node.url } })).stdout;
const castJson = async (...args) => JSON.parse(await cast('--json', ...args));
const refused = async (...args) => {
  const error = await cast(...args).then(
    (out) => assert.fail(`cast ${args[0]} succeeded: ${out}`),
    (e) => e,
  );
  return error.stderr;
};
const send = (...args) => castJson('send', '--private-key', alice.key, ...args);

before(async () => {
  node = await startNode();
});
after(() => node?.stop());

test('chain-id, client, block-number, gas-price and base-fee answer', async () => {
  assert.equal(await cast('chain-id'), String(chainId));
  assert.match(await cast('client'), isAnvil ? /anvil/ : /valence/i);
  assert.equal(await cast('block-number'), '0');
  assert.ok(BigInt(await cast('gas-price')) > 0n);
  assert.ok(BigInt(await cast('base-fee')) > 0n);
});

test('send --create deploys with value and constructor arguments', async () => {
  const receipt = await send('--value', '1gwei', '--create', Counter.bytecode, 'constructor(uint256)', '41');
  assert.equal(receipt.status, '0x1');
  assert.equal(BigInt(receipt.blockNumber), 1n);
  counter = receipt.contractAddress;
  assert.equal(await cast('code', counter), Counter.runtime);
  assert.equal(await cast('balance', counter), '1000000000');
  assert.match(await cast('codehash', counter), /^0x[0-9a-f]{64}$/);
});

test('compute-address foretells the contract address', async () => {
  const foretold = await cast('compute-address', alice.address, '--nonce', '0');
  assert.match(foretold, new RegExp(counter, 'i'));
});

test('call returns decoded values and sees the sender', async () => {
  assert.equal(await cast('call', counter, 'number()(uint256)'), '41');
  const facts = await cast('call', counter, 'blockFacts()(uint256,uint256,uint256,uint256,address)', '--from', bob.address);
  const [, , , id, sender] = facts.split('\n');
  assert.equal(id, String(chainId));
  assert.equal(sender, bob.address);
});

test('call applies state overrides', async () => {
  const slot = `0x${'0'.repeat(64)}`;
  const value = `0x${'0'.repeat(62)}63`;
  assert.equal(await cast('call', counter, 'number()(uint256)', '--override-state-diff', `${counter}:${slot}:${value}`), '99');
});

test('send changes state; receipt, tx and logs tell how', async () => {
  const sent = await send(counter, 'setNumber(uint256)', '7');
  assert.equal(sent.status, '0x1');
  assert.equal(sent.type, '0x2');
  const receipt = await castJson('receipt', sent.transactionHash);
  assert.deepEqual(receipt.logs, sent.logs);
  assert.equal(receipt.logs.length, 1);
  const tx = await castJson('tx', sent.transactionHash);
  assert.equal(tx.from.toLowerCase(), alice.address.toLowerCase());
  assert.equal(tx.blockHash, receipt.blockHash);
  const logs = await castJson('logs', '--from-block', '0', '--to-block', 'latest', '--address', counter, 'Changed(address indexed,uint256 indexed,string)', alice.address);
  assert.equal(logs.length, 1);
  assert.equal(logs[0].transactionHash, sent.transactionHash);
  assert.equal(await cast('storage', counter, '0'), `0x${'0'.repeat(63)}7`);
});

test('send --legacy and --gas-price make a type 0 transaction', async () => {
  const receipt = await send('--legacy', '--gas-price', '3gwei', bob.address, '--value', '1');
  assert.equal(receipt.type, '0x0');
  assert.equal(BigInt(receipt.effectiveGasPrice), 3000000000n);
});

test('send --access-list makes a type 1 transaction', async () => {
  const receipt = await send('--legacy', '--access-list', JSON.stringify([{ address: counter, storageKeys: [`0x${'0'.repeat(64)}`] }]), counter, 'increment()');
  assert.equal(receipt.type, '0x1');
  assert.equal(receipt.status, '0x1');
  const dynamic = await send('--access-list', JSON.stringify([{ address: counter, storageKeys: [`0x${'0'.repeat(64)}`] }]), counter, 'increment()');
  assert.equal(dynamic.type, '0x2');
});

test('access-list finds the slots a call touches', async () => {
  const out = await cast('access-list', counter, 'increment()', '--from', alice.address);
  assert.match(out.toLowerCase(), new RegExp(counter.toLowerCase()));
  assert.match(out, /0x0{64}/);
});

test('estimate gives a limit with which the call succeeds', async () => {
  const gas = await cast('estimate', counter, 'increment()', '--from', alice.address);
  const receipt = await send('--gas-limit', gas, counter, 'increment()');
  assert.equal(receipt.status, '0x1');
  assert.equal(await cast('estimate', bob.address, '--value', '1', '--from', alice.address), '21000');
});

test('balance, nonce and block follow the chain', async () => {
  const head = await castJson('block', 'latest');
  const before = BigInt(await cast('balance', carol.address));
  const nonce = Number(await cast('nonce', alice.address));
  const receipt = await send(carol.address, '--value', '1ether');
  assert.equal(BigInt(await cast('balance', carol.address)) - before, 10n ** 18n);
  assert.equal(Number(await cast('nonce', alice.address)), nonce + 1);
  assert.equal(BigInt(await cast('balance', carol.address, '--block', String(BigInt(head.number)))), before);
  const block = await castJson('block', receipt.blockHash);
  assert.equal(BigInt(block.number), BigInt(head.number) + 1n);
  assert.equal(block.parentHash, head.hash);
  assert.ok(block.transactions.includes(receipt.transactionHash));
  assert.equal(Number(await cast('age', String(BigInt(block.number))).then(() => 1)), 1);
});

test('proof verifies against the state root, present and absent', async () => {
  const { stateRoot, number } = await castJson('block', 'latest');
  const at = ['--block', String(BigInt(number))];
  await assertProof(await castJson('proof', counter, '0', '5', ...at), stateRoot);
  await assertProof(await castJson('proof', alice.address, ...at), stateRoot);
  await assertProof(await castJson('proof', '0x00000000000000000000000000000000000abcde', '0', ...at), stateRoot);
});

test('mktx signs offline, publish sends it, decode-transaction reads it', async () => {
  const nonce = await cast('nonce', bob.address);
  const raw = await cast('mktx', '--private-key', bob.key, '--nonce', nonce, '--gas-limit', '100000', '--gas-price', '5gwei', '--priority-gas-price', '1gwei', counter, 'setNumber(uint256)', '12');
  const decoded = JSON.parse(JSON.parse((await run('cast', ['decode-transaction', raw])).stdout));
  assert.equal(decoded.signer, bob.address.toLowerCase());
  const receipt = JSON.parse(await cast('publish', raw));
  assert.equal(receipt.from.toLowerCase(), bob.address.toLowerCase());
  assert.equal(await cast('call', counter, 'number()(uint256)'), '12');
});

test('send --sync uses eth_sendRawTransactionSync', async () => {
  const receipt = await send('--sync', counter, 'setNumber(uint256)', '13');
  assert.equal(receipt.status, '0x1');
  assert.equal(await cast('call', counter, 'number()(uint256)'), '13');
});

test('send --async answers with the hash alone', async () => {
  const hash = await cast('send', '--private-key', alice.key, '--async', counter, 'increment()');
  assert.match(hash, /^0x[0-9a-f]{64}$/);
  assert.equal((await castJson('receipt', hash)).status, '0x1');
});

test('send --auth delegates an account by EIP-7702, and the account then runs the code', async () => {
  const { contractAddress } = await send('--create', Delegate.bytecode);
  const nonce = await cast('nonce', carol.address);
  const auth = (await run('cast', ['wallet', 'sign-auth', contractAddress, '--private-key', carol.key, '--nonce', nonce, '--chain', String(chainId), '--rpc-url', node.url])).stdout;
  const receipt = await send('--auth', auth, carol.address, 'execute((address,uint256,bytes)[])', `[(${counter},0,0x3fb5c1cb0000000000000000000000000000000000000000000000000000000000000063)]`);
  assert.equal(receipt.type, '0x4');
  assert.equal(receipt.status, '0x1');
  assert.equal(await cast('code', carol.address), `0xef0100${contractAddress.slice(2).toLowerCase()}`);
  assert.equal(await cast('call', counter, 'number()(uint256)'), '99');
  assert.equal(Number(await cast('nonce', carol.address)), Number(nonce) + 1);
  const tx = await castJson('tx', receipt.transactionHash);
  assert.equal(tx.authorizationList.length, 1);
});

test('rpc passes any method, raw and with parameters', async () => {
  assert.equal(await cast('rpc', 'eth_chainId'), `"0x${chainId.toString(16)}"`);
  assert.equal(JSON.parse(await cast('rpc', 'eth_getBlockByNumber', 'latest', 'false')).number, `0x${Number(await cast('block-number')).toString(16)}`);
  assert.equal(JSON.parse(await cast('rpc', 'net_version')), String(chainId));
});

test('trace and run show the calls of a transaction', async () => {
  const { transactionHash } = await send(counter, 'increment()');
  if (isAnvil) {
    assert.match(await cast('run', transactionHash, '--quick'), /Gas used: \d+/);
  } else {
    // It knows chains whose blocks hold deposits by their ids only.
    const failed = await run('cast', ['run', transactionHash, '--quick', '--rpc-url', node.url]).then(() => assert.fail('it can read them now'), (error) => error);
    assert.match(failed.stderr, /did not match any variant of untagged enum BlockTransactions/);
  }
  const trace = JSON.parse(await cast('rpc', 'debug_traceTransaction', transactionHash, '{"tracer":"callTracer"}'));
  assert.equal(trace.type, 'CALL');
  assert.equal(trace.to.toLowerCase(), counter.toLowerCase());
});

test('tx-pool status and content show what waits behind a nonce gap', async () => {
  const nonce = Number(await cast('nonce', bob.address));
  await cast('send', '--private-key', bob.key, '--async', '--nonce', String(nonce + 1), '--gas-limit', '21000', '--gas-price', '5gwei', alice.address);
  const status = await castJson('tx-pool', 'status');
  assert.equal(BigInt(status.queued), 1n);
  await cast('send', '--private-key', bob.key, '--nonce', String(nonce), '--gas-limit', '21000', '--gas-price', '5gwei', alice.address);
  assert.equal(Number(await cast('nonce', bob.address)), nonce + 2);
});

test('errors reach the user: revert reason, custom error, insufficient funds', async () => {
  assert.match(await refused('call', counter, 'failWithReason()'), /execution reverted: no luck today/);
  assert.match(await refused('call', counter, 'setNumber(uint256)', '1001'), /execution reverted.*0x[0-9a-f]{8}/s);
  assert.match(await refused('estimate', counter, 'failWithReason()'), /no luck today/);
  assert.match(
    await refused('send', '--private-key', `0x${'11'.repeat(32)}`, '--gas-limit', '21000', '--gas-price', '5gwei', '--nonce', '0', alice.address, '--value', '1ether'),
    /insufficient funds/i,
  );
});

test('find-block, storage-root, selectors of on-chain code', async () => {
  const head = await castJson('block', 'latest');
  assert.equal(await cast('find-block', String(BigInt(head.timestamp))).then((n) => BigInt(n) <= BigInt(head.number)), true);
  assert.match(await cast('storage-root', counter), /^0x[0-9a-f]{64}$/);
});
