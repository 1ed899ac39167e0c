// `valence model bind`: what it writes compiles, and says to the precompile what the model's author meant.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { after, before, test as plainTest } from 'node:test';
import { pathToFileURL } from 'node:url';
import { run } from './command.mjs';
import { isAnvil } from './node.mjs';
import { packages, root, scratch } from './paths.mjs';

const solc = createRequire(import.meta.url)('solc');
const valence = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');
const models = join(root, 'models');
let folder;

/** Needs no node, but our program. */
const test = (name, body) => plainTest(name, { skip: isAnvil }, body);

before(() => (folder = scratch('bind')));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Binds a file and returns {library, solidity, typescript, path}. */
async function bind(file, args = []) {
  const out = join(folder, `out-${readdirSync(folder).length}`);
  const { stdout } = await run(valence, ['model', 'bind', file, '--out', out, ...args]);
  const path = stdout.split('\n').find((line) => line.endsWith('.ts'));
  const library = posix.basename(path, '.ts');
  const read = (extension) => readFileSync(join(out, library + extension), 'utf8');
  return { library, solidity: read('.sol'), typescript: read('.ts'), path, id: stdout.match(/0x[0-9a-f]{64}/)[0] };
}

/** Compiles a library together with a contract that uses all of it; returns the contract's abi. */
function compile({ library, solidity }, uses) {
  const file = (name) => ({ content: readFileSync(join(root, 'contracts/lib', name), 'utf8') });
  const sources = {
    [`${library}.sol`]: { content: solidity },
    'User.sol': {
      content: `pragma solidity ^0.8.24;
import {Mode} from "valence/IInference.sol";
import {${library}} from "./${library}.sol";
contract User {
${uses}
}`,
    },
  };
  for (const name of ['IInference.sol', 'Inference.sol', 'IModelRegistry.sol', 'IScheduler.sol', 'SystemContracts.sol']) {
    sources[`valence/${name}`] = file(name);
  }
  const input = { language: 'Solidity', sources, settings: { outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const complaints = (output.errors ?? []).filter((e) => !/SPDX/.test(e.message));
  assert.deepEqual(complaints.map((e) => e.formattedMessage), []);
  return output.contracts['User.sol'].User;
}

/** The generated module, run by Node itself, which drops the types. It imports viem from this repository. */
async function load({ path }) {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  const here = join(posix.dirname(path), 'module.ts');
  writeFileSync(here, readFileSync(path, 'utf8').replace("'viem'", `'${pathToFileURL(join(packages, 'viem/_esm/index.js')).href}'`));
  return import(pathToFileURL(here).href);
}

/** As `valence model bind` sees a model: quantised from its samples. */
const samples = (name) => [join(models, name, 'model.onnx'), ['--samples', join(models, name, 'test_data_set_0')]];

test('an ONNX file is bound under the id that quantize gives it', async () => {
  const [file, args] = samples('volatility-mlp');
  const vmodel = join(folder, 'fee.vmodel');
  const { stdout } = await run(valence, ['model', 'quantize', file, ...args, '-o', vmodel]);
  const bound = await bind(file, args);
  assert.equal(bound.library, 'VolatilityMlp');
  assert.ok(stdout.includes(bound.id));
  assert.ok(bound.solidity.includes(`MODEL = ${bound.id};`));
  const again = await bind(vmodel, ['--name', 'volatility-mlp']);
  assert.equal(again.solidity, bound.solidity);
  assert.equal(again.typescript, bound.typescript);
});

test('the Solidity library compiles, with names from the model', async () => {
  const bound = await bind(...samples('volatility-mlp'));
  compile(bound, `
    function fee(int256[32] memory r, Mode mode) external view returns (int256) { return VolatilityMlp.infer(r, mode); }
    function auto_(int256[32] memory r) external view returns (int256) { return VolatilityMlp.inferAuto(r, 6, 1 ether); }
    function later(int256[32] memory r) external returns (uint256) { return VolatilityMlp.request(r, Mode.REPLAY, 100000, 9); }`);
  assert.match(bound.solidity, /int256\[32\] memory returns_, Mode mode/);
  assert.match(bound.solidity, /returns \(int256 volatility\)/);
});

test('every example model can be bound', async () => {
  for (const name of ['volatility-gru', 'loan-to-value', 'credit-logistic', 'lenet5']) {
    const bound = await bind(...samples(name));
    compile(bound, `function id() external pure returns (bytes32) { return ${bound.library}.MODEL; }`);
    const module = await load(bound);
    assert.equal(module.model, bound.id);
  }
});

test('the TypeScript module encodes and decodes as the precompile does', async () => {
  const module = await load(await bind(...samples('volatility-mlp')));
  const returns_ = Array.from({ length: 32 }, (_, i) => i / 1000);
  const input = module.encodeInput({ returns_ });
  assert.equal(input.length, 32);
  assert.equal(input[5], 5_000_000_000_000_000n);
  assert.deepEqual(module.decodeOutput([12_500_000_000_000_000n]), { volatility: 0.0125 });
  assert.deepEqual(module.encodeInput({ returns_: new Array(32).fill(7n) })[31], 7n);
  const call = module.inferCall({ returns_ });
  assert.equal(call.args[1], 1);
  assert.equal(call.address.toLowerCase(), `0x${'f4'.padStart(40, '0')}`);
  assert.throws(() => module.encodeInput({ returns_: [1] }), /returns_ takes 32 numbers, not 1/);
  assert.throws(() => module.encodeInput({ returns_: new Array(32).fill(NaN) }), RangeError);
  assert.throws(() => module.decodeOutput([]), RangeError);
});

test('names that would break out of the code do not', async () => {
  // The names in the file are replaced by others of their length, so that it stays a valid model.
  const original = readFileSync(join(models, 'volatility-mlp/model.onnx'));
  const rename = (names) => {
    let text = original.toString('latin1');
    for (const [from, to] of Object.entries(names)) {
      assert.equal(Buffer.byteLength(to), from.length);
      text = text.replaceAll(from, Buffer.from(to).toString('latin1'));
    }
    const file = join(folder, `hostile-${readdirSync(folder).length}.onnx`);
    writeFileSync(file, Buffer.from(text, 'latin1'));
    return file;
  };
  const args = ['--range', '-0.1:0.1', '--name', '"; } library Evil { //'];
  for (const names of [
    { returns: '*/}}//;', volatility: '";}mapping' },
    { returns: 'mapping', volatility: 'selfdestru' },
    { returns: '\u2028\u2029}', volatility: '\u202e\u202d\u2066}' },
    { returns: '1234567', volatility: '${1}`\'"\\u0' },
    { returns: '@author', volatility: '@notice @x' },
    { returns: 'library', volatility: 'constructo' },
  ]) {
    const bound = await bind(rename(names), args);
    assert.doesNotMatch(bound.solidity, /^\s*(library|contract) (?!LibraryEvil\b)/m);
    compile(bound, `function id() external pure returns (bytes32) { return ${bound.library}.MODEL; }`);
    const module = await load(bound);
    assert.equal(module.model, bound.id);
    const [name] = bound.typescript.match(/^  (\w+): readonly Value\[\];$/m).slice(1);
    assert.equal(module.encodeInput({ [name]: new Array(32).fill(1) }).length, 32);
  }
});
