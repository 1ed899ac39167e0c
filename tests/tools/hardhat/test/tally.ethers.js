import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { network } from 'hardhat';

describe('Tally with ethers and network helpers', async () => {
  const connection = await network.create({ network: process.env.NETWORK ?? 'valence', chainType: 'l1' });
  const { ethers, provider } = connection;
  after(() => connection.close());
  const rpc = (method, ...params) => provider.request({ method, params });

  it('deploys and votes from two accounts', async () => {
    const tally = await ethers.deployContract('Tally', [3600]);
    await tally.waitForDeployment();
    await (await tally.vote()).wait();
    const signers = await ethers.getSigners();
    if (signers.length > 1) await (await tally.connect(signers[1]).vote()).wait();
    assert.equal(await tally.votes(), BigInt(Math.min(signers.length, 2)));
    const events = await tally.queryFilter('Voted');
    assert.equal(events.length, Math.min(signers.length, 2));
  });

  it('time helpers close the vote', async () => {
    const tally = await ethers.deployContract('Tally', [3600]);
    await tally.waitForDeployment();
    await rpc('evm_increaseTime', '0xe10');
    await rpc('evm_mine');
    const error = await tally.vote.staticCall().then(() => assert.fail('voted'), (e) => e);
    // geth's message names no custom error; its selector is in the data.
    assert.match(error.message, /execution reverted|Closed/);
    assert.ok(JSON.stringify(error.data).includes(tally.interface.getError('Closed').selector));
    const { timestamp } = await ethers.provider.getBlock('latest');
    await rpc('evm_setNextBlockTimestamp', timestamp + 100);
    await rpc('evm_mine');
    assert.equal((await ethers.provider.getBlock('latest')).timestamp, timestamp + 100);
  });

  it('hardhat_* helpers set state', async () => {
    const who = `0x${'77'.repeat(20)}`;
    await rpc('hardhat_setBalance', who, '0xde0b6b3a7640000');
    assert.equal(await ethers.provider.getBalance(who), 10n ** 18n);
    await rpc('hardhat_setNonce', who, '0x5');
    assert.equal(await ethers.provider.getTransactionCount(who), 5);
    await rpc('hardhat_setCode', who, '0x6001');
    assert.equal(await ethers.provider.getCode(who), '0x6001');
    await rpc('hardhat_setStorageAt', who, '0x1', `0x${'0'.repeat(63)}9`);
    assert.equal(await ethers.provider.getStorage(who, 1), `0x${'0'.repeat(63)}9`);
    const head = await ethers.provider.getBlockNumber();
    await rpc('hardhat_mine', '0x5');
    assert.equal(await ethers.provider.getBlockNumber(), head + 5);
  });

  it('hardhat_impersonateAccount sends as anyone', async () => {
    const who = `0x${'66'.repeat(20)}`;
    await rpc('hardhat_setBalance', who, '0xde0b6b3a7640000');
    await rpc('hardhat_impersonateAccount', who);
    const hash = await rpc('eth_sendTransaction', { from: who, to: `0x${'65'.repeat(20)}`, value: '0x1' });
    const receipt = await ethers.provider.waitForTransaction(hash);
    assert.equal(receipt.from.toLowerCase(), who);
    await rpc('hardhat_stopImpersonatingAccount', who);
  });

  it('evm_snapshot and evm_revert go back', async () => {
    const tally = await ethers.deployContract('Tally', [100000]);
    await tally.waitForDeployment();
    const id = await rpc('evm_snapshot');
    await (await tally.vote()).wait();
    assert.equal(await tally.votes(), 1n);
    assert.equal(await rpc('evm_revert', id), true);
    assert.equal(await tally.votes(), 0n);
  });

  it('the network helpers plugin works, or says which nodes it supports', async () => {
    const { networkHelpers } = connection;
    // The plugin serves nodes whose client version starts with a name it knows; the methods it calls are tested above.
    if (!/^(hardhat|anvil)/.test(await rpc('web3_clientVersion'))) {
      await assert.rejects(networkHelpers.time.latest(), /can only be used with the Hardhat Network/);
      return;
    }
    async function deployed() {
      return ethers.deployContract('Tally', [500]);
    }
    const tally = await networkHelpers.loadFixture(deployed);
    await (await tally.vote()).wait();
    assert.equal(await (await networkHelpers.loadFixture(deployed)).votes(), 0n);
    const now = await networkHelpers.time.latest();
    await networkHelpers.time.increase(100);
    assert.equal(await networkHelpers.time.latest(), now + 100);
    const head = await networkHelpers.time.latestBlock();
    await networkHelpers.mine(3);
    assert.equal(await networkHelpers.time.latestBlock(), head + 3);
  });
});
