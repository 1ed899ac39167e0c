// Answers that are proved, on real processes: contracts ask in mode ZK, blocks carry the proofs, full nodes check
// them; a compute node that lies is found out, and its job done by another.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createPublicClient, createWalletClient, decodeAbiParameters, defineChain, encodeAbiParameters, encodeFunctionData, http, parseAbi, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compileFiles } from '../../scripts/solidity.mjs';
import { run } from './command.mjs';
import { startFullNode } from './full_node.mjs';
import { accounts, chainId, isAnvil, nodeProgram, startNode } from './node.mjs';
import { root } from './paths.mjs';

const F4 = '0x00000000000000000000000000000000000000F4';
const F8 = '0x00000000000000000000000000000000000000f8';
const [REPLAY, ZK] = [1, 2];
const [{ abi: inferenceAbi }] = compileFiles(['lib/IInference.sol'], ['abi']);
const proofAbi = parseAbi([
  'struct Tensor { string name; uint32[] shape; int256[] data; }',
  'function verify(bytes32 model, Tensor[] inputs, Tensor[] outputs, bytes context, bytes proof) view returns (bool)',
]);
const wad = (values) => values.map((v) => BigInt(Math.round(v * 1e9)) * 10n ** 9n);
const window = (size) => wad(Array.from({ length: 32 }, (_, i) => (i % 2 ? -size : size)));
const [alice] = accounts.map((a) => privateKeyToAccount(a.key));
const chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: ['http://127.0.0.1'] } } });

/** A chain with the volatility model on it, started with these options. */
async function startChain(args) {
  const node = await startNode({ args });
  const client = createPublicClient({ chain, transport: http(node.url), pollingInterval: 20, cacheTime: 0 });
  const wallet = createWalletClient({ account: alice, chain, transport: http(node.url) });
  const file = join(root, 'models/volatility-mlp/model.onnx');
  const pushed = await run(nodeProgram(), ['model', 'push', file, '--name', 'volatility', '--rpc', node.url, '--private-key', accounts[0].key]);
  const model = `${pushed.stdout}${pushed.stderr}`.match(/0x[0-9a-f]{64}/)[0];
  const infer = (mode, input) => encodeFunctionData({ abi: inferenceAbi, functionName: 'infer', args: [model, mode, input] });
  const send = async (mode, input) =>
    client.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to: F4, data: infer(mode, input) }) });
  const outcomes = (receipt) => node.rpc('valence_getOutcomes', toHex(receipt.blockNumber));
  const answer = async (mode, input) =>
    (await client.readContract({ address: F4, abi: inferenceAbi, functionName: 'infer', args: [model, mode, input] }))[0];
  return { node, client, wallet, model, pushed: pushed.stdout, send, outcomes, answer };
}

describe('proofs', { skip: isAnvil }, () => {
  let zk;
  const full = [];
  before(async () => {
    zk = await startChain([]);
  });
  after(async () => {
    await Promise.all(full.map((one) => one.stop()));
    await zk?.node.stop();
  });

  test('an answer in mode ZK is that of the model, and its proof is in the block', async () => {
    const expected = await zk.answer(REPLAY, window(0.01));
    const receipt = await zk.send(ZK, window(0.01));
    assert.equal(receipt.status, 'success');
    const [outcome] = await zk.outcomes(receipt);
    assert.equal(outcome.mode, 'ZK');
    assert.equal(outcome.verified, true);
    assert.equal(outcome.trust, 'nobody');
    assert.equal(outcome.evidence.kind, 'proof');
    const traced = await zk.node.rpc('debug_traceTransaction', receipt.transactionHash, { tracer: 'callTracer' });
    assert.equal(decodeAbiParameters([{ type: 'int256[]' }], traced.output)[0][0], expected);
    const [check] = await zk.node.rpc('valence_verifyProofs', toHex(receipt.blockNumber));
    assert.equal(check.valid, true);
    assert.equal(check.job, outcome.job);
    assert.equal(Number(check.proofBytes), (outcome.evidence.proof.length - 2) / 2);
    const quote = await zk.node.rpc('valence_quote', zk.model, 'ZK');
    assert.ok(receipt.gasUsed > BigInt(quote.gas));
    const body = await zk.node.rpc('valence_getBlockBody', toHex(receipt.blockNumber));
    assert.ok(body.outcomes.includes(outcome.evidence.proof.slice(2)));
  });

  test('model check tells the gas that the chain asks, and the modes that push lists', async () => {
    const { stdout } = await run(nodeProgram(), ['model', 'check', join(root, 'models/volatility-mlp/model.onnx')]);
    for (const mode of ['REPLAY', 'ZK']) {
      const [, told] = stdout.match(new RegExp(`^    ${mode} +([\\d,]+) `, 'm'));
      const { gas } = await zk.node.rpc('valence_quote', zk.model, mode);
      assert.equal(BigInt(told.replaceAll(',', '')), BigInt(gas), mode);
      assert.match(zk.pushed, new RegExp(`modes .*${mode}`));
    }
  });

  test('contracts have proofs verified that they were handed', async () => {
    const receipt = await zk.send(ZK, window(0.02));
    const [outcome] = await zk.outcomes(receipt);
    const info = await zk.client.readContract({ address: F4, abi: inferenceAbi, functionName: 'modelInfo', args: [zk.model] });
    const tensor = (port, data) => ({ name: port.name, shape: port.shape, data });
    const inputs = [tensor(info.inputs[0], window(0.02))];
    const outputs = [tensor(info.outputs[0], [await zk.answer(ZK, window(0.02))])];
    const context = encodeAbiParameters([{ type: 'uint256' }, { type: 'bytes32' }, { type: 'address' }], [BigInt(chainId), outcome.job, outcome.payee]);
    const { proof } = outcome.evidence;
    const verify = (...args) => zk.client.readContract({ address: F8, abi: proofAbi, functionName: 'verify', args: [zk.model, ...args] });
    assert.equal(await verify(inputs, outputs, context, proof), true);
    const wrong = [tensor(info.outputs[0], [outputs[0].data[0] * 2n])];
    assert.equal(await verify(inputs, wrong, context, proof), false);
    assert.equal(await verify([tensor(info.inputs[0], window(0.03))], outputs, context, proof), false);
    assert.equal(await verify(inputs, outputs, '0x', proof), false);
    assert.equal(await verify(inputs, outputs, context, '0x'), false);
  });

  test('full nodes check the proofs, and come to the same state', async () => {
    const receipt = await zk.send(ZK, window(0.04));
    const one = await startFullNode(zk.node.url, chain);
    full.push(one);
    await one.reaches(receipt.blockNumber);
    const block = await zk.client.getBlock({ blockNumber: receipt.blockNumber });
    assert.equal((await one.client.getBlock({ blockNumber: receipt.blockNumber })).stateRoot, block.stateRoot);
    const [check] = await one.client.request({ method: 'valence_verifyProofs', params: [toHex(receipt.blockNumber)] });
    assert.equal(check.valid, true);
  });

  test('a compute node that lies is found out, and its job done by another', async () => {
    const { node, client, wallet, model, outcomes, answer } = await startChain(['--compute-nodes', '2', '--lying-compute-nodes', '1']);
    try {
      // The last of those listed lies.
      const [honest] = node.output().slice(node.output().indexOf('Compute')).match(/0x[0-9a-fA-F]{40}/);
      // Asked for together, and again until the liar got some: a proof takes a millisecond, so one node may do all of them.
      const explained = [];
      for (let round = 1; round <= 40 && !explained.some((line) => line.includes('(retry)')); ++round) {
        const inputs = [1, 2, 3, 4].map((i) => window((4 * round + i) / 4_000));
        const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'inferMany', args: [inputs.map((input) => ({ model, mode: ZK, input }))] });
        const receipt = await client.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to: F4, data }) });
        assert.equal(receipt.status, 'success');
        const settled = await outcomes(receipt);
        assert.equal(settled.length, inputs.length);
        for (const outcome of settled) assert.equal(outcome.payee, honest);
        explained.push(...(await Promise.all(settled.map((outcome) => node.rpc('valence_job', outcome.job)))));
        const checks = await node.rpc('valence_verifyProofs', toHex(receipt.blockNumber));
        assert.deepEqual(checks.map((check) => check.valid), inputs.map(() => true));
        const traced = await node.rpc('debug_traceTransaction', receipt.transactionHash, { tracer: 'callTracer' });
        const [answers] = decodeAbiParameters([{ type: 'int256[][]' }], traced.output);
        for (const [i, input] of inputs.entries()) assert.equal(answers[i][0], await answer(REPLAY, input));
      }
      assert.ok(explained.some((line) => line.includes('(retry)')), explained.join('\n'));
    } finally {
      await node.stop();
    }
  });
});
