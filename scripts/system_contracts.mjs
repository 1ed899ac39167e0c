// Compiles contracts/system with the pinned solc and writes the runtime code as a C++ header:
//   node scripts/system_contracts.mjs build/release/valence/chain/system_contracts_code.hpp [FOLDER OF THE PACKAGE solc]
// The same sources give the same bytes on every machine, since the compiler and its settings are pinned. Run by CMake when
// a source has changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { compileFiles } from './solidity.mjs';

const contracts = ['SystemProxy', 'ModelRegistry', 'NodeRegistry', 'Scheduler', 'DaInfo'];

/** The runtime code of each contract, as hex digits. */
function compile(solc) {
  const files = contracts.map((name) => `system/${name}.sol`);
  return compileFiles(files, ['evm.deployedBytecode'], solc).map(({ evm }, i) => {
    const { object, immutableReferences, linkReferences } = evm.deployedBytecode;
    // Genesis runs no constructor and links nothing.
    for (const references of [immutableReferences, linkReferences]) {
      if (references && Object.keys(references).length) throw new Error(`${contracts[i]} has immutables or unlinked libraries`);
    }
    return [contracts[i], object];
  });
}

function header(codes) {
  const arrays = codes.map(([name, code]) => {
    const bytes = code.match(/../g).map((byte) => `0x${byte}`);
    const lines = [];
    for (let i = 0; i < bytes.length; i += 20) lines.push(`    ${bytes.slice(i, i + 20).join(', ')},`);
    return `inline constexpr std::uint8_t k${name}Code[] = {\n${lines.join('\n')}\n};\n`;
  });
  return `// Made by scripts/system_contracts.mjs from contracts/system.
#pragma once

#include <cstdint>

namespace valence::chain {

${arrays.join('\n')}
}  // namespace valence::chain
`;
}

const [path, solc = 'solc'] = process.argv.slice(2);
if (!path || path.startsWith('-')) throw new Error('usage: system_contracts.mjs HEADER [FOLDER OF THE PACKAGE solc]');
const text = header(compile(solc));
mkdirSync(dirname(path), { recursive: true });
// An equal file keeps its time, so that nothing is built again.
if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
