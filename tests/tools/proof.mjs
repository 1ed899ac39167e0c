// Checks eth_getProof answers with an implementation of the trie that is not the node's.
import assert from 'node:assert/strict';
import { verifyMerkleProof } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { bytesToHex, hexToBytes, keccak256, trim } from 'viem';

const bytes = (hex) => hexToBytes(hex);
const quantity = (n) => trim(BigInt(n) === 0n ? '0x' : `0x${BigInt(n).toString(16).padStart(64, '0')}`);

/** The value that `nodes` prove for `key` under `root`: hex, or null for a proof of absence. */
async function proved(root, key, nodes) {
  assert.equal(keccak256(nodes[0]), root, 'the first node hashes to the root');
  const value = await verifyMerkleProof(keccak256(key, 'bytes'), nodes.map(bytes));
  return value === null ? null : bytesToHex(value);
}

/** Asserts that `answer` (of eth_getProof) holds under `stateRoot`, account and all its slots. */
export async function assertProof(answer, stateRoot) {
  const account = await proved(stateRoot, answer.address, answer.accountProof);
  const fields = [quantity(answer.nonce), quantity(answer.balance), answer.storageHash, answer.codeHash];
  if (account === null) {
    assert.deepEqual([BigInt(answer.nonce), BigInt(answer.balance)], [0n, 0n], 'an absent account is empty');
  } else {
    assert.equal(account, bytesToHex(RLP.encode(fields)), 'the account is the proved one');
  }
  for (const slot of answer.storageProof) {
    const key = `0x${BigInt(slot.key).toString(16).padStart(64, '0')}`;
    if (slot.proof.length === 0 || slot.proof[0] === '0x80') {
      assert.equal(BigInt(slot.value), 0n, 'an empty storage trie proves zero only');
      continue;
    }
    const value = await proved(answer.storageHash, key, slot.proof);
    const expected = BigInt(slot.value) === 0n ? null : bytesToHex(RLP.encode(quantity(slot.value)));
    assert.equal(value, expected, `slot ${slot.key} is the proved one`);
  }
}
