// Builds dist/esm and dist/cjs out of src, with the declarations of both.

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

function compile(...options) {
  const done = spawnSync(process.execPath, [tsc, '--project', '.', ...options], { stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

rmSync('dist', { recursive: true, force: true });
compile();
// In a folder of its own kind, the same sources become CommonJS.
compile('--module', 'commonjs', '--moduleResolution', 'node10', '--outDir', 'dist/cjs');
mkdirSync('dist/cjs', { recursive: true });
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
