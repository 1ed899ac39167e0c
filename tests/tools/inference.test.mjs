// Contracts that call models, on real processes: a chain with compute nodes, a model from models/, operators
// that sign, full nodes that join. Markets are in amm.test.mjs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createPublicClient, createWalletClient, decodeAbiParameters, defineChain, encodeFunctionData, http, toHex, zeroHash } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compileFiles } from '../../scripts/solidity.mjs';
import { run } from './command.mjs';
import { startFullNode } from './full_node.mjs';
import { accounts, chainId, isAnvil, nodeProgram, startNode } from './node.mjs';
import { root } from './paths.mjs';

const F4 = '0x00000000000000000000000000000000000000F4';
const [REPLAY, ZK, TEE, SIGNED] = [1, 2, 3, 6];
const [{ abi: inferenceAbi }] = compileFiles(['lib/IInference.sol'], ['abi']).map((c) => c);
const wad = (values) => values.map((v) => BigInt(Math.round(v * 1e9)) * 10n ** 9n);
/** Thirty-two returns of this size, up and down. */
const window = (size) => wad(Array.from({ length: 32 }, (_, i) => (i % 2 ? -size : size)));
const [alice, bob] = accounts.map((a) => privateKeyToAccount(a.key));
const full = [];
let node;
let client;
let wallet;
let model;
let chain;

const inference = { address: F4, abi: inferenceAbi };
const infer = (mode, input, id = model) => encodeFunctionData({ abi: inferenceAbi, functionName: 'infer', args: [id, mode, input] });
const receiptOf = (hash) => client.waitForTransactionReceipt({ hash });
const outcomesOf = (receipt, at = node) => at.rpc('valence_getOutcomes', toHex(receipt.blockNumber));

/** The name and arguments of the error that `call` reverts with. */
const errorOf = async (call) => {
  const error = await call.then(() => assert.fail('did not revert'), (e) => e);
  const { errorName, args } = error.walk((e) => e.data?.errorName)?.data ?? assert.fail(error.message);
  return [errorName, ...(args ?? [])];
};
const read = (functionName, args) => client.readContract({ ...inference, functionName, args });

describe('inference', { skip: isAnvil }, () => {
  before(async () => {
    node = await startNode();
    chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [node.url] } } });
    client = createPublicClient({ chain, transport: http(), pollingInterval: 20, cacheTime: 0 });
    wallet = createWalletClient({ account: alice, chain, transport: http() });
    const file = join(root, 'models/volatility-mlp/model.onnx');
    const pushed = await run(nodeProgram(), ['model', 'push', file, '--name', 'volatility', '--rpc', node.url, '--private-key', accounts[0].key]);
    model = `${pushed.stdout}${pushed.stderr}`.match(/0x[0-9a-f]{64}/)[0];
  });
  after(async () => {
    await Promise.all(full.map((one) => one.stop()));
    await node?.stop();
  });

  test('a call answers what the model computes', async () => {
    const [calm] = await read('infer', [model, REPLAY, window(0.005)]);
    const [wild] = await read('infer', [model, REPLAY, window(0.05)]);
    assert.ok(calm > 0n && wild > 5n * calm, `${calm} ${wild}`);
  });

  test('a transaction has the same answer, and the block says on what it rests', async () => {
    const [expected] = await read('infer', [model, REPLAY, window(0.01)]);
    const receipt = await receiptOf(await wallet.sendTransaction({ to: F4, data: infer(REPLAY, window(0.01)) }));
    assert.equal(receipt.status, 'success');
    const [outcome] = await outcomesOf(receipt);
    assert.equal(outcome.model, model);
    assert.equal(outcome.mode, 'REPLAY');
    assert.equal(outcome.verified, true);
    const traced = await node.rpc('debug_traceTransaction', receipt.transactionHash, { tracer: 'callTracer' });
    assert.equal(decodeAbiParameters([{ type: 'int256[]' }], traced.output)[0][0], expected);
    assert.match(await node.rpc('valence_job', outcome.job), /to node 0x/);
  });

  test('an estimate is enough, and the quote is in it', async () => {
    const data = infer(REPLAY, window(0.02));
    const gas = await client.estimateGas({ account: alice, to: F4, data });
    const receipt = await receiptOf(await wallet.sendTransaction({ to: F4, data, gas }));
    assert.equal(receipt.status, 'success');
    const quote = await node.rpc('valence_quote', model, 'REPLAY');
    assert.ok(receipt.gasUsed > BigInt(quote.gas));
    const block = await client.getBlock({ blockNumber: receipt.blockNumber });
    const receipts = await node.rpc('eth_getBlockReceipts', toHex(receipt.blockNumber));
    const paid = receipts.reduce((sum, one) => sum + BigInt(one.gasUsed), 0n);
    assert.equal(paid - block.gasUsed, BigInt(quote.computeGas));
  });

  test('an operator whom the caller trusts may sign instead; that is labelled', async () => {
    const operator = node.output().match(/Compute\s+(0x[0-9a-fA-F]{40})/)[1];
    const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'inferSigned', args: [model, operator, window(0.01)] });
    const receipt = await receiptOf(await wallet.sendTransaction({ to: F4, data }));
    assert.equal(receipt.status, 'success');
    const [outcome] = await outcomesOf(receipt);
    assert.equal(outcome.mode, 'SIGNED');
    assert.equal(outcome.verified, false);
    assert.equal(outcome.evidence.operator, operator);
    assert.equal(outcome.payee, operator);
    const [{ computeGas, ...own }] = await node.rpc('valence_getTransactionOutcomes', receipt.transactionHash);
    assert.deepEqual(own, outcome);
    assert.ok(BigInt(computeGas) > 0n);
  });

  test('nobody answers for an operator who is not there', async () => {
    const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'inferSigned', args: [model, bob.address, window(0.01)] });
    const receipt = await receiptOf(await wallet.sendTransaction({ to: F4, data, gas: 300000n }));
    assert.equal(receipt.status, 'reverted');
    const [outcome] = await outcomesOf(receipt);
    assert.equal(outcome.evidence.kind, 'unavailable');
  });

  test('what a caller gets wrong has a name', async () => {
    const input = window(0.01);
    assert.deepEqual(await errorOf(read('infer', [zeroHash, REPLAY, input])), ['UnknownModel', zeroHash]);
    assert.deepEqual(await errorOf(read('infer', [model, REPLAY, [1n]])), ['WrongInputLength', 32n, 1n]);
    assert.deepEqual(await errorOf(read('infer', [model, TEE, input])), ['ModeUnsupported', TEE]);
    assert.deepEqual(await errorOf(read('infer', [model, SIGNED, input])), ['OperatorRequired']);
    assert.deepEqual(await errorOf(read('inferAuto', [model, 8, 0n, input])), ['NoModeFits', 8]);
    const tensor = (name, shape, data) => read('infer', [model, REPLAY, [{ name, shape, data }]]);
    assert.deepEqual(await errorOf(tensor('prices', [32], input)), ['UnknownInput', 'prices']);
    assert.deepEqual(await errorOf(tensor('returns', [31], input.slice(1))), ['WrongShape', 'returns', [1, 32], [31]]);
  });

  test('cast shows such an error', async () => {
    const data = infer(TEE, window(0.01));
    const shown = await run('cast', ['call', F4, '--data', data, '--rpc-url', node.url]).catch((e) => e);
    assert.match(`${shown.stderr ?? shown.message}`, /0xf19387ea|ModeUnsupported/);
  });

  test('a simulation of several blocks asks too', async () => {
    const [expected] = await read('infer', [model, REPLAY, window(0.03)]);
    const call = { from: alice.address, to: F4, data: infer(REPLAY, window(0.03)) };
    const blocks = await node.rpc('eth_simulateV1', { blockStateCalls: [{ calls: [call] }, { calls: [call, call] }] }, 'latest');
    const calls = blocks.flatMap((block) => block.calls);
    assert.equal(calls.length, 3);
    for (const one of calls) {
      assert.equal(one.status, '0x1', JSON.stringify(one));
      assert.equal(decodeAbiParameters([{ type: 'int256[]' }], one.returnData)[0][0], expected);
    }
    // Who uses an outcome again in a block pays no compute part.
    assert.ok(BigInt(calls[2].gasUsed) < BigInt(calls[1].gasUsed));
    assert.equal(calls[0].gasUsed, calls[1].gasUsed);
  });

  test('a flood of simulations leaves the chain going', async () => {
    const flood = Array.from({ length: 300 }, (_, i) =>
      node.call('eth_call', { to: F4, data: infer(REPLAY, window(0.001 * (i + 1))) }, 'latest'));
    const receipt = await receiptOf(await wallet.sendTransaction({ to: bob.address, value: 1n }));
    assert.equal(receipt.status, 'success');
    const answers = await Promise.all(flood);
    for (const answer of answers) assert.ok(answer.result || answer.error.code === -32041, JSON.stringify(answer));
    assert.ok(answers.filter((answer) => answer.result).length > 0);
  });

  test('three full nodes come to the same state, and the models with it', async () => {
    const head = await client.getBlock();
    const nodes = await Promise.all([1, 2, 3].map(() => startFullNode(node.url, chain)));
    full.push(...nodes);
    for (const one of nodes) {
      await one.reaches(head.number);
      assert.equal((await one.client.getBlock({ blockNumber: head.number })).stateRoot, head.stateRoot);
      assert.equal((await one.client.readContract({ ...inference, functionName: 'infer', args: [model, REPLAY, window(0.01)] })).length, 1);
    }
  });

  test('what is sent to a full node comes into the chain', async () => {
    const [one] = full;
    const sender = createWalletClient({ account: bob, chain, transport: http(one.url) });
    const hash = await sender.sendTransaction({ to: F4, data: infer(REPLAY, window(0.04)), gas: 300000n });
    const receipt = await receiptOf(hash);
    assert.equal(receipt.status, 'success');
    await one.reaches(receipt.blockNumber);
    assert.equal((await one.client.getTransactionReceipt({ hash })).blockHash, receipt.blockHash);
  });
});
