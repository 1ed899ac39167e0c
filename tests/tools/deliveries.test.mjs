// System transactions on real processes: requests and schedules that blocks answer by themselves, consumers that try to
// stop them, a full node that follows, and how viem, ethers and cast read such blocks.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JsonRpcProvider } from 'ethers';
import { createPublicClient, createTestClient, createWalletClient, defineChain, http, keccak256, parseEther, parseEventLogs, toHex } from 'viem';
import { serializeTransaction } from 'viem/op-stack';
import { privateKeyToAccount } from 'viem/accounts';
import { compileFiles, sources } from '../../scripts/solidity.mjs';
import { run } from './command.mjs';
import { startFullNode } from './full_node.mjs';
import { accounts, chainId, isAnvil, nodeProgram, startNode } from './node.mjs';
import { root } from './paths.mjs';

const SYSTEM = '0xfffffffffffffffffffffffffffffffffffffffe';
const SCHEDULER = '0x5600000000000000000000000000000000000006';
const DA_INFO = '0x5600000000000000000000000000000000000007';
const [{ abi: schedulerAbi }, { abi: daAbi }] = compileFiles(['lib/IScheduler.sol', 'lib/IDaInfo.sol'], ['abi']);
const scheduler = { address: SCHEDULER, abi: schedulerAbi };
const [alice] = accounts.map((a) => privateKeyToAccount(a.key));
const wads = (values) => values.map((v) => BigInt(Math.round(v * 1e9)) * 10n ** 9n);
const input = wads(Array.from({ length: 32 }, (_, i) => (i % 2 ? -0.01 : 0.01)));
let node;
let chain;
let client;
let wallet;
let tester;
let model;
let full;

/** All contracts of contracts/test/Consumers.sol. */
function consumers() {
  const file = 'test/Consumers.sol';
  const settings = { evmVersion: 'osaka', optimizer: { enabled: true }, outputSelection: { [file]: { '*': ['abi', 'evm.bytecode.object'] } } };
  const solc = createRequire(import.meta.url)('solc');
  const { contracts } = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources: sources(file), settings })));
  return Object.fromEntries(Object.entries(contracts[file]).map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }]));
}

const mined = async (hash) => {
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success');
  return receipt;
};
const deploy = async (contract) => ({ abi: contract.abi, address: (await mined(await wallet.deployContract(contract))).contractAddress });
const write = async (contract, functionName, args, value = 0n) => mined(await wallet.writeContract({ ...contract, functionName, args, value, gas: 3_000_000n }));
const read = (contract, functionName, args = []) => client.readContract({ ...contract, functionName, args });
const ask = async (contract, callbackGas = 200_000n, blocks = 100n) => {
  const deadline = (await client.getBlockNumber({ cacheTime: 0 })) + blocks;
  const receipt = await write(contract, 'ask', [model, input, callbackGas, deadline], parseEther('1'));
  return parseEventLogs({ abi: schedulerAbi, logs: receipt.logs, eventName: 'Requested' })[0].args.id;
};
/** The log of the Scheduler that says how `id` ended; comes without anybody sending anything. */
const ended = async (id, events = ['Delivered', 'RequestFailed']) => {
  for (const end = Date.now() + 20000; Date.now() < end; await new Promise((r) => setTimeout(r, 20))) {
    const logs = parseEventLogs({ abi: schedulerAbi, logs: await client.getLogs({ address: SCHEDULER, fromBlock: 0n }), eventName: events });
    const found = logs.find((log) => log.args.id === id);
    if (found) return found;
  }
  return assert.fail(`request ${id} was not delivered`);
};

describe('system transactions', { skip: isAnvil }, () => {
  let contracts;
  before(async () => {
    contracts = consumers();
    node = await startNode();
    chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [node.url] } } });
    client = createPublicClient({ chain, transport: http(), pollingInterval: 20, cacheTime: 0 });
    wallet = createWalletClient({ account: alice, chain, transport: http() });
    tester = createTestClient({ chain, transport: http(), mode: 'anvil' });
    const pushed = await run(nodeProgram(), ['model', 'push', join(root, 'models/volatility-mlp/model.onnx'), '--name', 'volatility', '--rpc', node.url, '--private-key', accounts[0].key]);
    model = `${pushed.stdout}${pushed.stderr}`.match(/0x[0-9a-f]{64}/)[0];
  });
  after(async () => {
    await full?.stop();
    await node?.stop();
  });

  test('the first of a block is a deposit that says which header it refers to', async () => {
    const block = await node.rpc('eth_getBlockByNumber', 'latest', true);
    const [first] = block.transactions;
    assert.deepEqual([first.type, first.from, first.to, first.gasPrice, first.value, first.mint], ['0x7e', SYSTEM, DA_INFO, '0x0', '0x0', '0x0']);
    assert.equal(BigInt(first.nonce), BigInt(block.number) - 1n);
    // As the OP Stack's own tools write it.
    const raw = serializeTransaction({ type: 'deposit', sourceHash: first.sourceHash, from: first.from, to: first.to, gas: BigInt(first.gas), data: first.input });
    assert.equal(keccak256(raw), first.hash);
    assert.equal(await node.rpc('debug_getRawTransaction', first.hash), raw);
    const receipt = await node.rpc('eth_getTransactionReceipt', first.hash);
    assert.deepEqual([receipt.status, receipt.type, receipt.depositNonce, receipt.depositReceiptVersion], ['0x1', '0x7e', first.nonce, '0x1']);
    const height = await read({ address: DA_INFO, abi: daAbi }, 'height');
    assert.equal(BigInt(first.input.slice(0, 74).replace(/^0x.{8}/, '0x')), height);
    const { error } = await node.call('eth_sendRawTransaction', raw);
    assert.match(error.message, /transaction type not supported/);
  });

  test('viem, ethers and cast read such blocks', async () => {
    const block = await client.getBlock({ includeTransactions: true });
    assert.equal(block.transactions[0].typeHex, '0x7e');
    assert.equal((await client.getTransactionReceipt({ hash: block.transactions[0].hash })).status, 'success');
    const provider = new JsonRpcProvider(node.url);
    const seen = await provider.getBlock('latest', true);
    assert.equal(seen.prefetchedTransactions[0].hash, block.transactions[0].hash);
    assert.equal((await provider.getTransactionReceipt(seen.prefetchedTransactions[0].hash)).status, 1);
    provider.destroy();
    const { stdout } = await run('cast', ['block', 'latest', '--full', '--rpc-url', node.url]);
    assert.match(stdout, new RegExp(block.transactions[0].hash));
    assert.match((await run('cast', ['tx', block.transactions[0].hash, '--rpc-url', node.url])).stdout, /blockNumber/);
    // Told what chain it is, cast knows deposits by their fields.
    assert.match((await run('cast', ['da-estimate', 'latest', '-n', 'optimism', '--rpc-url', node.url])).stdout, /Estimated data availability size/);
  });

  test('a request is called back without another transaction, and what is left comes back', async () => {
    const consumer = await deploy(contracts.Consumer);
    const id = await ask(consumer);
    const log = await ended(id);
    assert.equal(log.eventName, 'Delivered');
    assert.equal(log.args.callbackSucceeded, true);
    assert.equal(await read(consumer, 'answered'), id);
    assert.ok((await read(consumer, 'output'))[0] > 0n);
    assert.ok((await read(scheduler, 'credits', [consumer.address])) > 0n);
    // What the node says of it: one job in the block, and a trace.
    assert.equal((await node.rpc('valence_getOutcomes', toHex(log.blockNumber))).length, 1);
    const traced = await node.rpc('debug_traceTransaction', log.transactionHash, { tracer: 'callTracer' });
    assert.deepEqual([traced.from, traced.to, traced.error], [SYSTEM, SCHEDULER, undefined]);
    const traces = await node.rpc('debug_traceBlockByNumber', toHex(log.blockNumber), { tracer: 'callTracer' });
    assert.deepEqual(traces.at(-1).result, traced);
  });

  test('consumers that burn, boast, re-enter or refuse stop nobody behind them', async () => {
    const [eater, bomb, reentrant, consumer] = [await deploy(contracts.GasEater), await deploy(contracts.ReturnBomb), await deploy(contracts.Reentrant), await deploy(contracts.Consumer)];
    await write(reentrant, 'setModel', [model]);
    await tester.setBalance({ address: reentrant.address, value: parseEther('10') });
    const ids = [];
    for (const [one, gas] of [[eater, 5_000_000n], [bomb, 5_000_000n], [reentrant, 3_000_000n], [consumer, 200_000n]]) ids.push(await ask(one, gas));
    const logs = [];
    for (const id of ids) logs.push(await ended(id));
    assert.deepEqual(logs.map((log) => log.args.callbackSucceeded), [false, true, true, true]);
    assert.equal(await read(reentrant, 'done'), ids[2]);
    // What it asked for from its callback is answered too.
    await ended(ids[3] === ids[2] + 1n ? ids[3] + 1n : ids[2] + 1n);
    assert.deepEqual(await read(scheduler, 'queued'), [0n, 0n]);
    // In order.
    const places = logs.map((log) => log.blockNumber * 1000n + BigInt(log.transactionIndex));
    assert.deepEqual(places, [...places].sort((a, b) => Number(a - b)));
  });

  test('in its last block a request is answered by the sequencer itself', async () => {
    const consumer = await deploy(contracts.Consumer);
    await tester.setAutomine(false);
    const hash = await wallet.writeContract({ ...consumer, functionName: 'ask', args: [model, input, 200_000n, (await client.getBlockNumber()) + 2n], value: parseEther('1'), gas: 3_000_000n });
    await tester.mine({ blocks: 1 });
    const [{ args }] = parseEventLogs({ abi: schedulerAbi, logs: (await mined(hash)).logs, eventName: 'Requested' });
    await tester.mine({ blocks: 1 });
    assert.equal((await ended(args.id)).eventName, 'Delivered');
    await tester.setAutomine(true);
  });

  test('a schedule runs as often as was paid for, in blocks that come anyhow', async () => {
    const [counter, consumer] = [await deploy(contracts.Counter), await deploy(contracts.Consumer)];
    const head = await client.getBlockNumber();
    const data = keccak256(toHex('count()')).slice(0, 10);
    await write(consumer, 'every', [counter.address, data, 2n, head + 8n, 200_000n], parseEther('1'));
    const before = await client.getBlockNumber();
    await new Promise((r) => setTimeout(r, 200));
    assert.equal(await client.getBlockNumber(), before);
    await tester.mine({ blocks: 10 });
    assert.equal(await read(counter, 'calls'), 3n);
    assert.equal((await read(counter, 'calledFor')).toLowerCase(), consumer.address.toLowerCase());
    assert.deepEqual(await read(scheduler, 'queued'), [0n, 0n]);
  });

  test('time that is moved moves the header, and undone blocks come again', async () => {
    const daInfo = { address: DA_INFO, abi: daAbi };
    const snapshot = await tester.snapshot();
    const before = await read(daInfo, 'height');
    await tester.increaseTime({ seconds: 600 });
    await tester.mine({ blocks: 1 });
    const later = await read(daInfo, 'height');
    assert.ok(later >= before + 100n, `${before} ${later}`);
    await tester.revert({ id: snapshot });
    assert.equal(await read(daInfo, 'height'), before);
    await tester.mine({ blocks: 1 });
    const { status } = await client.getTransactionReceipt({ hash: (await client.getBlock()).transactions[0] });
    assert.equal(status, 'success');
  });

  test('a full node follows all of it', async () => {
    // Nothing that a dev control changed can be followed: a chain without.
    const sequencer = await startNode();
    const there = { client: createPublicClient({ chain, transport: http(sequencer.url), cacheTime: 0 }), wallet: createWalletClient({ account: alice, chain, transport: http(sequencer.url) }) };
    const pushed = await run(nodeProgram(), ['model', 'push', join(root, 'models/volatility-mlp/model.onnx'), '--name', 'volatility', '--rpc', sequencer.url, '--private-key', accounts[0].key]);
    assert.match(`${pushed.stdout}${pushed.stderr}`, new RegExp(model));
    const sent = async (hash) => there.client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
    for (const name of ['GasEater', 'Consumer']) {
      const { contractAddress: address } = await sent(await there.wallet.deployContract(contracts[name]));
      const deadline = (await there.client.getBlockNumber()) + 100n;
      await sent(await there.wallet.writeContract({ address, abi: contracts[name].abi, functionName: 'ask', args: [model, input, 1_000_000n, deadline], value: parseEther('1'), gas: 3_000_000n }));
    }
    for (const end = Date.now() + 20000; Date.now() < end; await new Promise((r) => setTimeout(r, 20))) {
      const [requests] = await there.client.readContract({ ...scheduler, functionName: 'queued' });
      if (requests === 0n) break;
    }
    const head = await there.client.getBlock();
    full = await startFullNode(sequencer.url, chain);
    await full.reaches(head.number);
    const same = await full.client.getBlock({ blockNumber: head.number });
    assert.deepEqual([same.stateRoot, same.receiptsRoot], [head.stateRoot, head.receiptsRoot]);
    assert.deepEqual(await full.client.readContract({ ...scheduler, functionName: 'queued' }), [0n, 0n]);
    await sequencer.stop();
  });
});
