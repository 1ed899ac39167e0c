// The main job with a real model: a market on a running chain whose fee is the model's answer, in the same transaction;
// and a contract made by `valence model bind` that asks the same.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createPublicClient, createTestClient, createWalletClient, defineChain, http, parseEther } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile, compileFiles, sources } from '../../scripts/solidity.mjs';
import { run } from './command.mjs';
import { accounts, chainId, isAnvil, startNode } from './node.mjs';
import { root, scratch } from './paths.mjs';

const valence = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');
const folder = join(root, 'models/volatility-mlp');
const samples = ['--samples', join(folder, 'test_data_set_0')];
const [{ abi: errors }] = compileFiles(['lib/IInference.sol'], ['abi']);
const alice = privateKeyToAccount(accounts[1].key);
/** Log returns, oldest first, WAD: ±1 % a day. */
const history = Array.from({ length: 32 }, (_, i) => (i % 2 ? 1n : -1n) * 10n ** 16n);
const feePerVolatility = 3n * 10n ** 17n;
const [minFee, maxFee] = [100n, 10_000n];
let node;
let client;
let wallet;
let tester;
let model;
let market;
let bound;
let work;

const mined = async (hash) => {
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success');
  return receipt;
};
const deploy = async (contract, args) => ({
  abi: [...contract.abi, ...errors.filter((e) => e.type === 'error')],
  address: (await mined(await wallet.deployContract({ ...contract, args }))).contractAddress,
});
/** With a wallet's headroom: a market that counts seconds uses more gas a second after the estimate. */
const write = async (contract, functionName, args) => {
  const call = { ...contract, functionName, args, account: alice };
  const gas = ((await client.estimateContractGas(call)) * 5n) / 4n;
  return mined(await wallet.writeContract({ ...call, gas }));
};
const read = (contract, functionName, args) => client.readContract({ ...contract, functionName, args });
const forecast = (returns) => read({ address: '0x00000000000000000000000000000000000000F4', abi: errors }, 'inferMany', [[{ model, mode: 1, input: returns }]]).then(([[value]]) => value);
const feeFor = (volatility) => {
  const fee = (volatility * feePerVolatility) / 10n ** 30n;
  return fee < minFee ? minFee : fee > maxFee ? maxFee : fee;
};

describe('a market whose fee is a model’s answer', { skip: isAnvil }, () => {
  before(async () => {
    node = await startNode();
    work = scratch('amm');
    const chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [node.url] } } });
    const transport = http(node.url);
    client = createPublicClient({ chain, transport, pollingInterval: 20 });
    wallet = createWalletClient({ account: alice, chain, transport });
    tester = createTestClient({ chain, transport, mode: 'anvil' });
    const pushed = await run(valence, ['model', 'push', join(folder, 'model.onnx'), ...samples, '--rpc', node.url, '--name', 'volatility']);
    model = pushed.stdout.match(/0x[0-9a-f]{64}/)[0];
    await run(valence, ['model', 'bind', join(folder, 'model.onnx'), ...samples, '--out', work, '--import', '../lib']);
    bound = readFileSync(join(work, 'VolatilityMlp.sol'), 'utf8');

    const token = compile('examples/ExampleToken.sol');
    const tokens = [await deploy(token, ['Zero', 'T0']), await deploy(token, ['One', 'T1'])];
    market = await deploy(compile('examples/InferenceAmm.sol'), [...tokens.map((t) => t.address), model, 1, minFee, maxFee, feePerVolatility, 3600n, history]);
    for (const one of tokens) {
      await write(one, 'mint', [alice.address, parseEther('1000000')]);
      await write(one, 'approve', [market.address, parseEther('1000000')]);
    }
    await write(market, 'mint', [parseEther('1000'), parseEther('4000'), 0n]);
  });
  after(async () => {
    await node?.stop();
    if (work) rmSync(work, { recursive: true, force: true });
  });

  test('the id that push registers is the one that bind writes down', () => {
    assert.ok(bound.includes(model));
  });

  test('the fee is the forecast for the market’s window', async () => {
    const volatility = await forecast(history);
    // ±1 % a day: the forecast is near it.
    assert.ok(volatility > 5n * 10n ** 15n && volatility < 2n * 10n ** 16n, `${volatility}`);
    assert.deepEqual(await read(market, 'currentFee'), [feeFor(volatility), volatility]);
  });

  test('a swap asks in its own transaction and charges what it is told', async () => {
    const volatility = await forecast(history);
    const [quoted, fee] = await read(market, 'quote', [true, parseEther('1')]);
    const receipt = await write(market, 'swap', [true, parseEther('1'), quoted]);
    const [{ args }] = await client.getContractEvents({ ...market, eventName: 'Swap', blockHash: receipt.blockHash });
    assert.equal(args.fee, fee);
    assert.equal(args.volatility, volatility);
    assert.equal(args.amountOut, quoted);
    const afterFee = parseEther('1') * (1_000_000n - fee);
    assert.equal(quoted, (afterFee * parseEther('4000')) / (parseEther('1000') * 1_000_000n + afterFee));
  });

  test('what happens to the price comes back as the next fee', async () => {
    const before = (await read(market, 'currentFee'))[0];
    for (const amount of ['400', '300', '1']) {
      await tester.increaseTime({ seconds: 3600 });
      await write(market, 'swap', [false, parseEther(amount), 0n]);
    }
    const window = await read(market, 'window');
    assert.ok(window[31] > 10n ** 17n, `${window[31]}`);
    const [fee, volatility] = await read(market, 'currentFee');
    assert.equal(volatility, await forecast(window));
    assert.ok(fee > before);
  });

  test('the library that bind writes gets the same answer', async () => {
    const input = {
      language: 'Solidity',
      sources: {
        ...sources('lib/Inference.sol'),
        'user/VolatilityMlp.sol': { content: bound },
        'user/User.sol': {
          content: `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;
import {Mode} from "../lib/IInference.sol";
import {VolatilityMlp} from "./VolatilityMlp.sol";
contract User {
  function ask(int256[32] memory returns_) external view returns (int256) { return VolatilityMlp.infer(returns_, Mode.REPLAY); }
  function cheapest(int256[32] memory returns_) external view returns (int256) { return VolatilityMlp.inferAuto(returns_, 6, 1 ether); }
}`,
        },
      },
      settings: { outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
    };
    const output = JSON.parse(createRequire(import.meta.url)('solc').compile(JSON.stringify(input)));
    assert.deepEqual((output.errors ?? []).map((e) => e.formattedMessage), []);
    const { abi, evm } = output.contracts['user/User.sol'].User;
    const user = await deploy({ abi, bytecode: `0x${evm.bytecode.object}` }, []);
    const expected = await forecast(history);
    assert.equal(await read(user, 'ask', [history]), expected);
    assert.equal(await read(user, 'cheapest', [history]), expected);
  });

  test('a mode that the network has no evidence for is refused by name', async () => {
    const call = { ...market, account: alice, functionName: 'swap', args: [true, 1n, 0n, 3] };
    const error = await client.simulateContract(call).then(() => assert.fail('did not revert'), (e) => e);
    assert.equal(error.walk((e) => e.data?.errorName).data.errorName, 'ModeUnsupported');
  });
});
