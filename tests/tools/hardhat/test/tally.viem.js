import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { network } from 'hardhat';

describe('Tally with viem', async () => {
  const connection = await network.create({ network: process.env.NETWORK ?? 'valence', chainType: 'l1' });
  const { viem } = connection;
  const client = await viem.getPublicClient();
  const [wallet] = await viem.getWalletClients();
  after(() => connection.close());

  it('deploys, votes and finds the event', async () => {
    const tally = await viem.deployContract('Tally', [3600n]);
    const from = await client.getBlockNumber();
    const hash = await tally.write.vote();
    await client.waitForTransactionReceipt({ hash });
    assert.equal(await tally.read.votes(), 1n);
    const events = await tally.getEvents.Voted({ voter: wallet.account.address }, { fromBlock: from });
    assert.equal(events.length, 1);
    assert.equal(events[0].args.total, 1n);
  });

  it('shows revert reasons', async () => {
    const tally = await viem.deployContract('Tally', [3600n]);
    await client.waitForTransactionReceipt({ hash: await tally.write.vote() });
    await assert.rejects(tally.read.onlyEven(), /odd number of votes/);
  });

  it('sends value between accounts', async () => {
    const to = `0x${'99'.repeat(20)}`;
    const before = await client.getBalance({ address: to });
    const hash = await wallet.sendTransaction({ to, value: 5n });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, 'success');
    assert.equal(await client.getBalance({ address: to }), before + 5n);
  });
});
