// The answers of `valence da` have the shapes of celestia-node's own examples (api/docgen/exampledata), which its API's
// documentation shows: the same fields, types and encodings.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startLayer } from './da.mjs';
import { isAnvil } from './node.mjs';
import { root } from './paths.mjs';

const folder = join(process.env.VALENCE_TEST_DATA ?? join(root, '../shared/data'), 'da-vectors/celestia-node');
const example = (name) => JSON.parse(readFileSync(join(folder, `rpc_${name}.json`), 'utf8'));

/** How a text is written, which a client's decoder depends on. */
const notation = (text) =>
  [['time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/], ['decimal', /^\d+$/], ['hex', /^([0-9A-F]{2}){20,}$/], ['base64', /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/]]
    .find(([, form]) => form.test(text))?.[0] ?? 'text';

/** Go leaves these out where they are zero. */
const mayBeLeftOut = new Set(['start', 'end', 'app', 'leaf_hash', 'start_row', 'end_row', 'index', 'signer']);

function sameShape(given, wanted, path = '$') {
  if (wanted === null || given === null) return assert.equal(given, wanted, path);
  assert.equal(Array.isArray(given), Array.isArray(wanted), path);
  assert.equal(typeof given, typeof wanted, path);
  if (Array.isArray(given)) return given.forEach((item, i) => sameShape(item, wanted[0], `${path}[${i}]`));
  if (typeof given === 'string') return assert.equal(notation(given), notation(wanted), `${path}: ${given} for ${wanted}`);
  if (typeof given !== 'object') return;
  for (const key of Object.keys(given)) assert.ok(key in wanted || mayBeLeftOut.has(key), `${path}.${key} is not celestia-node's`);
  for (const key of Object.keys(wanted)) {
    if (!(key in given)) assert.ok(mayBeLeftOut.has(key), `${path}.${key} is missing`);
    else sameShape(given[key], wanted[key], `${path}.${key}`);
  }
}

describe('celestia-node’s shapes', { skip: isAnvil || !existsSync(folder) }, () => {
  const blob = existsSync(folder) ? example('blob') : {};
  let layer;
  let height;
  before(async () => {
    layer = await startLayer();
    height = await layer.call('blob.Submit', [blob], { gas_price: 0.002, is_gas_price_set: true });
  });
  after(() => layer?.kill());

  test('a blob comes back as it was submitted, with its place', async () => {
    assert.equal(typeof height, 'number');
    const found = await layer.call('blob.Get', height, blob.namespace, blob.commitment);
    sameShape(found, blob);
    assert.deepEqual({ ...found, index: -1 }, blob);
    assert.ok(found.index >= 0);
    assert.deepEqual(await layer.call('blob.GetAll', height, [blob.namespace]), [found]);
  });

  test('a proof of a blob is a list of proofs, row by row', async () => {
    const proof = await layer.call('blob.GetProof', height, blob.namespace, blob.commitment);
    sameShape(proof, example('blobProof'));
    assert.equal(await layer.call('blob.Included', height, blob.namespace, proof, blob.commitment), true);
    proof[0].nodes = [];
    assert.equal(await layer.call('blob.Included', height, blob.namespace, proof, blob.commitment), false);
  });

  test('a header is extended by validators, commit and the roots of its square', async () => {
    const wanted = example('extendedHeader');
    const given = await layer.call('header.GetByHeight', height);
    // Nobody signs here: an empty set, and nobody to propose.
    assert.deepEqual(given.validator_set, { validators: [], proposer: null });
    assert.deepEqual(given.commit.signatures, []);
    sameShape({ ...given, validator_set: wanted.validator_set, commit: { ...given.commit, signatures: wanted.commit.signatures } }, wanted);
    assert.deepEqual(await layer.call('header.WaitForHeight', height), given);
  });

  test('a namespace that is not there, and a height that is still to come', async () => {
    const other = Buffer.from(blob.namespace, 'base64').fill(7, 20).toString('base64');
    assert.equal(await layer.call('blob.GetAll', height, [other]), null);
    await assert.rejects(layer.call('blob.Get', height, other, blob.commitment), /blob: not found/);
    await assert.rejects(layer.call('header.GetByHeight', height + 1_000_000), /no block of that height/);
  });

  test('a blob whose commitment is another’s is refused', async () => {
    await assert.rejects(layer.call('blob.Submit', [{ ...blob, commitment: Buffer.alloc(32).toString('base64') }], {}), /commitment/);
  });
});
