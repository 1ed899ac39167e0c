// console.log of Hardhat's console library shows in the development node's output.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ContractFactory, JsonRpcProvider, Wallet } from 'ethers';
import { compile } from './contracts.mjs';
import { accounts, isAnvil, startNode } from './node.mjs';

const { Chatty } = compile('Chatty.sol');
let node;
let provider;
let chatty;

before(async () => {
  node = await startNode();
  provider = new JsonRpcProvider(node.url, undefined, { polling: true, pollingInterval: 50, cacheTimeout: -1 });
  chatty = await (await new ContractFactory(Chatty.abi, Chatty.bytecode, new Wallet(accounts[0].key, provider)).deploy()).waitForDeployment();
});
after(async () => {
  provider?.destroy();
  await node?.stop();
});

test('a transaction prints its console calls, decoded', async () => {
  await (await chatty.talk(1234, { gasLimit: 200000 })).wait();
  for (const line of ['plain words', 'value 1234', `formatted 1234 and ${accounts[0].address}`, `0x${(1234).toString(16).padStart(64, '0')}`, '-1234', `true ${chatty.target}`]) {
    assert.ok(await node.printed(line), `"${line}" is printed; got:\n${node.output().slice(-2000)}`);
  }
});

test('a mined transaction prints each line once', { skip: isAnvil && 'anvil prints estimates too' }, async () => {
  const count = () => node.output().split('value 4321').length - 1;
  await (await chatty.talk(4321, { gasLimit: 200000 })).wait();
  assert.ok(await node.printed('value 4321'));
  await node.rpc('evm_mine');
  assert.equal(count(), 1);
});

test('a call that is only simulated returns as if nothing were printed', async () => {
  assert.equal((await chatty.talk.staticCall(777)).length, 0);
  assert.equal(await chatty.calls(), isAnvil ? 1n : 2n);
});

test('a call that is only simulated prints too, under its method', async () => {
  await chatty.talk.staticCall(888);
  assert.ok(await node.printed('value 888'), node.output().slice(-2000));
  if (!isAnvil) assert.match(node.output(), /eth_call\n\s+console\.log plain words\n\s+console\.log value 888\n/);
});

test('the console address costs and returns what an empty account does', async () => {
  assert.equal(await node.rpc('eth_getCode', '0x000000000000000000636F6e736F6c652e6c6f67', 'latest'), '0x');
});
