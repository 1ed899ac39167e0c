// `valence prove` and `valence verify`: a proof of a model's run goes from one to the other in a file, and nothing else does.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test as plainTest } from 'node:test';
import { keccak256 } from 'viem';
import { run } from './command.mjs';
import { isAnvil } from './node.mjs';
import { root, scratch } from './paths.mjs';

const valence = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');
let folder;

/** Needs no node, but our program. */
const test = (name, body) => plainTest(name, { skip: isAnvil }, body);
const path = (name) => join(folder, name);

/** What a command answers that must fail. */
async function failure(...args) {
  try {
    const { stdout } = await run(valence, args);
    assert.fail(`it did not fail: ${stdout}`);
  } catch (error) {
    if (error.code === undefined || typeof error.code !== 'number') throw error;
    assert.equal(error.code, 1);
    assert.equal(error.stdout, '');
    return error.stderr;
  }
}

/** A model's .vmodel file, a proof on its stored samples, and its key; returns their paths and what was printed. */
async function prove(name, args = []) {
  const samples = join(root, 'models', name, 'test_data_set_0');
  const files = { model: path(`${name}.vmodel`), proof: path(`${name}.proof`), key: path(`${name}.vkey`) };
  await run(valence, ['model', 'quantize', join(root, 'models', name, 'model.onnx'), '--samples', samples, '-o', files.model]);
  const { stdout } = await run(valence, ['prove', files.model, '--input', samples, '--out', files.proof, '--key', files.key, ...args]);
  const ran = await run(valence, ['model', 'run', files.model, '--input', samples]);
  return { ...files, samples, printed: stdout, ran: ran.stdout.split('\n') };
}

let mlp;
let lenet;
before(async () => {
  if (isAnvil) return;
  folder = scratch('prove');
  mlp = await prove('volatility-mlp', ['--context', '0x1986', '--sample', '3']);
  lenet = await prove('lenet5');
});
after(() => folder && rmSync(folder, { recursive: true, force: true }));

test('a proof is verified by the key, by the model, and says what the model gave', async () => {
  for (const [proved, sample] of [[mlp, 3], [lenet, 0]]) {
    const output = proved.ran[sample];
    assert.ok(proved.printed.includes(output), `${proved.printed} has ${output}`);
    for (const model of [proved.key, proved.model]) {
      const { stdout } = await run(valence, ['verify', proved.proof, '--model', model]);
      assert.match(stdout, /^valid/);
      assert.ok(stdout.includes(output), stdout);
      const [, bits] = stdout.match(/security\s+([\d.]+) bits/);
      assert.ok(Number(bits) >= 100);
    }
  }
  const { stdout } = await run(valence, ['verify', mlp.proof, '--model', mlp.key, '--context', '0x1986']);
  assert.match(stdout, /context\s+0x1986/);
  assert.ok(statSync(lenet.key).size < statSync(lenet.model).size);
});

test('an ONNX file is proved under the id that quantize gives it', async () => {
  const onnx = join(root, 'models/volatility-mlp/model.onnx');
  const proof = path('onnx.proof');
  await run(valence, ['prove', onnx, '--samples', mlp.samples, '--input', mlp.samples, '--out', proof]);
  await run(valence, ['verify', proof, '--model', mlp.key]);
  await run(valence, ['verify', mlp.proof, '--model', onnx, '--samples', mlp.samples]);
});

test('a model is named by the hash of the key that its proofs are verified with', async () => {
  const [, id] = mlp.printed.match(/model\s+(0x[0-9a-f]{64})/);
  assert.equal(keccak256(readFileSync(mlp.key)), id);
  const { stdout } = await run(valence, ['model', 'info', mlp.model]);
  assert.ok(stdout.includes(id), stdout);
  assert.match(stdout, /proofs\s+commitment to the weights of [\d,]+ bytes/);
});

test('without a commitment a model has another id, and says so', async () => {
  const file = path('plain.vmodel');
  const { stdout } = await run(valence, ['model', 'quantize', join(root, 'models/volatility-mlp/model.onnx'), '--samples', mlp.samples, '--no-proofs', '-o', file]);
  assert.match(stdout, /proofs: none, as --no-proofs says/);
  assert.ok(!stdout.includes(mlp.printed.match(/0x[0-9a-f]{64}/)[0]));
  assert.match((await run(valence, ['model', 'info', file])).stdout, /proofs\s+none/);
});

test('--explain shows every round, and --profile 128 keeps its word', async () => {
  const { stdout } = await run(valence, ['prove', mlp.model, '--profile', '128', '--explain', '--out', path('128.proof')]);
  for (const each of ['columns', 'leaves', 'terms', 'queries', 'lookups: sumcheck rounds', 'union of all rounds']) {
    assert.ok(stdout.includes(each), each);
  }
  const [, bits] = stdout.match(/([\d.]+)\s+worst round/);
  assert.ok(Number(bits) >= 128);
  await run(valence, ['verify', path('128.proof'), '--model', mlp.key]);
});

test('a changed proof is not valid, wherever it is changed', async () => {
  const bytes = readFileSync(mlp.proof);
  const places = [9, 60, 100, 128, bytes.length - 20_000, bytes.length - 1];
  for (const at of places) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1;
    writeFileSync(path('changed.proof'), changed);
    assert.match(await failure('verify', path('changed.proof'), '--model', mlp.key), /^(not valid|error): ./, `byte ${at}`);
  }
});

test('each thing that is wrong has a message of its own', async () => {
  const write = (name, bytes) => (writeFileSync(path(name), bytes), path(name));
  const bytes = readFileSync(mlp.proof);
  const rows = [
    [['verify', mlp.proof, '--model', lenet.key], /^not valid: proof of another model: .*0x[0-9a-f]{64}.*0x[0-9a-f]{64}/],
    [['verify', mlp.model, '--model', mlp.key], /not a proof's file/],
    [['verify', write('cut.proof', bytes.subarray(0, 5000)), '--model', mlp.key], /proof is truncated: at byte/],
    [['verify', write('more.proof', Buffer.concat([bytes, Buffer.alloc(1)])), '--model', mlp.key], /bytes after the proof/],
    [['verify', mlp.proof, '--model', mlp.key, '--context', '0x1987'], /another context, 0x1986/],
    [['verify', mlp.proof, '--model', mlp.key, '--context', 'xyz'], /xyz is not hexadecimal/],
    [['verify', mlp.proof, '--model', mlp.proof], /vmodel|format/],
    [['prove', mlp.model, '--sample', '1'], /sample 1 of 1/],
    [['prove', mlp.model, '--context', '0x1'], /0x1 is not hexadecimal/],
    [['prove', mlp.model, '--out', join(folder, 'no', 'folder')], /cannot be written/],
  ];
  for (const [args, message] of rows) assert.match(await failureOf(args), message, args.join(' '));
  await assert.rejects(run(valence, ['verify', path('nothing'), '--model', mlp.key]), /File does not exist/);
});

/** As failure(), whatever was printed before. */
async function failureOf(args) {
  try {
    await run(valence, args);
  } catch (error) {
    return error.stderr;
  }
  return assert.fail(`${args.join(' ')} did not fail`);
}

test('model check says which operations can be proved', async () => {
  const { stdout } = await run(valence, ['model', 'check', join(root, 'models/volatility-mlp/model.onnx'), '--samples', mlp.samples]);
  assert.match(stdout, /whether they can be proved\n\s+Linear\s+3\s+yes/);
});
