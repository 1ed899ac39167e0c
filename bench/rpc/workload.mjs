// The workload: ERC-20 transfers from ten senders to a thousand recipients, signed beforehand, kept in build/ as JSON
// that any node with the same chain id can be driven with:
//   {chainId, token, setup: [raw…], senders: [{address, firstNonce, txs: [raw…]}], recipients: [{address, amount}]}
// `setup` deploys the token (from the first development account) and hands each sender its share.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeDeployData, encodeFunctionData, getContractAddress, keccak256, parseGwei, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile } from '../../tests/tools/contracts.mjs';
import { accounts } from '../../tests/tools/node.mjs';
import { root } from '../../tests/tools/paths.mjs';

export const chainId = 31337;
const recipientCount = 1000;
const supply = 10n ** 24n;
const { Token } = compile('Token.sol');

/** Reads the workload of `count` transfers, making it first where it is missing. */
export async function workload(count) {
  const folder = join(root, 'build/bench');
  const file = join(folder, `rpc-${count}.json`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(await make(count)));
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

async function make(count) {
  console.error(`signing ${count} transfers (once; kept in build/bench)`);
  const signers = accounts.map((a) => privateKeyToAccount(a.key));
  const fees = { type: 'eip1559', chainId, maxFeePerGas: parseGwei('20'), maxPriorityFeePerGas: parseGwei('1') };
  const token = getContractAddress({ from: signers[0].address, nonce: 0n });
  const transfer = (to, amount) => encodeFunctionData({ abi: Token.abi, functionName: 'transfer', args: [to, amount] });

  const setup = [await signers[0].signTransaction({
    ...fees, nonce: 0, gas: 2_000_000n, data: encodeDeployData({ abi: Token.abi, bytecode: Token.bytecode, args: ['Bench', 'BNCH', supply] }),
  })];
  for (const [i, { address }] of signers.slice(1).entries()) {
    setup.push(await signers[0].signTransaction({ ...fees, nonce: i + 1, to: token, gas: 100_000n, data: transfer(address, supply / 20n) }));
  }

  const recipients = Array.from({ length: recipientCount }, (_, i) => ({ address: `0x${keccak256(toHex(`recipient ${i}`)).slice(26)}`, amount: 0 }));
  const senders = signers.map(({ address }, i) => ({ address, firstNonce: i === 0 ? setup.length : 0, txs: [] }));
  for (let i = 0; i < count; i++) {
    const sender = senders[i % senders.length];
    // Every recipient gets its share from every sender in turn.
    const recipient = recipients[Math.floor(i / senders.length + i * 7) % recipientCount];
    recipient.amount += 1 + (i % 3);
    sender.txs.push(await signers[i % senders.length].signTransaction({
      ...fees, nonce: sender.firstNonce + sender.txs.length, to: token, gas: 70_000n, data: transfer(recipient.address, BigInt(1 + (i % 3))),
    }));
  }
  return { chainId, token, setup, senders, recipients };
}
