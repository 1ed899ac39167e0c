// The second verifier (tools/second-verifier, in Python) and the node's are of one opinion: on proofs of example models, of every operation, and on changed ones.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test as plainTest } from 'node:test';
import { run } from './command.mjs';
import { isAnvil } from './node.mjs';
import { here, root, scratch } from './paths.mjs';

const valence = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');
const samples = join(root, 'build/release/bin/valence-proof-samples');
const python = '/usr/bin/python3';
const verifier = join(root, 'tools/second-verifier/verify.py');
let folder;

const missing = [python, samples].find((program) => !existsSync(program));
/** Needs no node, but our programs and Python. */
const test = (name, body) => plainTest(name, { skip: isAnvil || (missing && `there is no ${missing}`) }, body);
const path = (name) => join(folder, name);

/** What `valence verify` prints for a check, and what the check is called. */
const CHECKS = {
  'proof is truncated': 'truncated',
  'bytes after the proof': 'trailing_bytes',
  'not a canonical encoding': 'not_canonical',
  'grinding nonce without the work': 'wrong_grinding',
  'opened leaves do not lead to the root': 'merkle_mismatch',
  'sumcheck does not hold': 'sumcheck_mismatch',
  'lookups do not balance': 'lookup_mismatch',
  'commitment does not open to the claimed value': 'opening_mismatch',
  'inputs or outputs do not fit the verifying key': 'wrong_statement',
  'no secure parameters': 'bad_parameters',
  'proof of another model': 'other_model',
  'unknown format': 'unknown_format',
};

/** The check that refuses a proof, or "valid". */
async function first(key, proof) {
  try {
    await run(valence, ['verify', proof, '--model', key]);
    return 'valid';
  } catch ({ stderr }) {
    const found = Object.keys(CHECKS).find((text) => stderr.includes(text));
    return CHECKS[found] ?? stderr;
  }
}

/** The same for several proofs by the second verifier. */
async function second(key, proofs) {
  const { stdout } = await run(python, [verifier, key, ...proofs]).catch((error) => (error.code === 1 ? error : Promise.reject(error)));
  return stdout.split('\n').map((line) => (line.startsWith('valid') ? 'valid' : line.match(/^refused .*?: (\w+)/)[1]));
}

async function prove(name, args = []) {
  const data = join(root, 'models', name, 'test_data_set_0');
  const files = { model: path(`${name}.vmodel`), proof: path(`${name}.proof`), key: path(`${name}.vkey`), data };
  await run(valence, ['model', 'quantize', join(root, 'models', name, 'model.onnx'), '--samples', data, '-o', files.model]);
  await run(valence, ['prove', files.model, '--input', data, '--out', files.proof, '--key', files.key, ...args]);
  return files;
}

let mlp;
before(async () => {
  if (isAnvil || missing) return;
  folder = scratch('second-verifier');
  mlp = await prove('volatility-mlp', ['--context', '0x1986', '--sample', '3']);
});
after(() => folder && rmSync(folder, { recursive: true, force: true }));

test('its hashes and fields are right', () => run(python, [join(here, 'second_verifier_parts.py')]));

test('it accepts proofs of the example models', async () => {
  assert.deepEqual(await second(mlp.key, [mlp.proof]), ['valid']);
  for (const name of ['credit-logistic', 'lenet5', 'loan-to-value', 'volatility-gru']) {
    const proved = await prove(name);
    assert.deepEqual(await second(proved.key, [proved.proof]), ['valid'], name);
  }
});

test('it accepts the profile of 128 bits', async () => {
  const proof = path('128.proof');
  await run(valence, ['prove', mlp.model, '--input', mlp.data, '--profile', '128', '--out', proof]);
  assert.deepEqual(await second(mlp.key, [proof]), ['valid']);
});

test('it refuses what is changed where the node does, for the same reason', async () => {
  const bytes = readFileSync(mlp.proof);
  // The statement: magic, model, inputs, outputs, context; then the proof's head, flags, root, sums, opening, leaves, end.
  const start = bytes.length - Number(bytes.readBigUInt64LE(bytes.indexOf(Buffer.from([0x19, 0x86])) + 2));
  const places = [3, 7, 12, 45, start - 11, start, start + 1, start + 2, start + 12, start + 40, start + 300, start + 900, start + 2_000, start + 5_000, start + 20_000, bytes.length - 1];
  const changed = places.map((at) => {
    const copy = Buffer.from(bytes);
    copy[at] ^= 1;
    return [`byte-${at}`, copy];
  });
  changed.push(['cut', bytes.subarray(0, bytes.length - 1)], ['longer', Buffer.concat([bytes, Buffer.alloc(1)])]);
  // A coefficient not below the modulus, in the first sum's first list.
  const wild = Buffer.from(bytes);
  wild.fill(0xff, start + 60, start + 120);
  changed.push(['not canonical', wild]);
  const proofs = changed.map(([name, copy]) => (writeFileSync(path(`${name}.proof`), copy), path(`${name}.proof`)));
  const opinions = await second(mlp.key, proofs);
  for (const [k, proof] of proofs.entries()) {
    const expected = await first(mlp.key, proof);
    assert.notEqual(expected, 'valid', changed[k][0]);
    assert.equal(opinions[k], expected, changed[k][0]);
  }
  assert.ok(new Set(opinions).size >= 6, `${opinions}`);
});

test('it is of the node’s opinion on every operation', async () => {
  const folderOfSamples = path('samples');
  mkdirSync(folderOfSamples);
  await run(samples, [folderOfSamples, '1', '1']);
  const { stdout } = await run(python, [join(here, 'second_verifier.py'), folderOfSamples]);
  const rows = stdout.split('\n').map((line) => line.split(' '));
  assert.ok(rows.filter(([, expected]) => expected === 'valid').length >= 30, stdout);
  for (const [name, expected, opinion] of rows) assert.equal(opinion, expected, name);
});
