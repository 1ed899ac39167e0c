// Where things lie: the repository, its npm packages, the build folder.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, '../..');
export const packages = join(root, 'node_modules');
export const build = join(root, 'build', 'tools');
mkdirSync(build, { recursive: true });

/** The program `name` that an npm package brought. */
export const program = (name) => join(packages, '.bin', name);

/** A fresh folder for one test's files, below build/. */
export const scratch = (name) => mkdtempSync(join(build, `${name}-`));
