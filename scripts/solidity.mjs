// Compiles contracts/ with the pinned solc, by the settings every chain's system contracts are made with.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Reads `path` of contracts/ and all it imports, as solc takes sources. */
export function sources(path, found = {}) {
  if (found[path]) return found;
  const content = readFileSync(join(root, 'contracts', path), 'utf8');
  found[path] = { content };
  for (const [, target] of content.matchAll(/^\s*import\s[^;]*?["']([^"']+)["']\s*;/gm)) {
    sources(posix.join(path, '..', target), found);
  }
  return found;
}

/** Compiles files of contracts/, and returns solc's output of `outputs` for the contract that each is named after. */
export function compileFiles(files, outputs, solc = 'solc') {
  const input = {
    language: 'Solidity',
    sources: {},
    settings: {
      evmVersion: 'osaka',
      optimizer: { enabled: true, runs: 200 },
      // No metadata: it would carry a hash of the comments.
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: {},
    },
  };
  const nameOf = (file) => posix.basename(file, '.sol');
  for (const file of files) {
    sources(file, input.sources);
    input.settings.outputSelection[file] = { [nameOf(file)]: outputs };
  }
  const output = JSON.parse(createRequire(import.meta.url)(solc).compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((e) => e.severity !== 'info');
  if (errors.length) throw new Error(errors.map((e) => e.formattedMessage).join('\n'));
  return files.map((file) => output.contracts[file][nameOf(file)]);
}

/** The abi and creation code of the contract that a file of contracts/ is named after. */
export function compile(file) {
  const [{ abi, evm }] = compileFiles([file], ['abi', 'evm.bytecode.object']);
  return { abi, bytecode: `0x${evm.bytecode.object}` };
}
