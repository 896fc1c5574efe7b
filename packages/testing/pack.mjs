// Packs what `npm publish` would send into forge-emu-testing.tgz; it is built already.

import { execSync } from 'node:child_process';
import { renameSync } from 'node:fs';

const [{ filename }] = JSON.parse(execSync('npm pack --json --ignore-scripts', { encoding: 'utf8' }));
renameSync(filename, 'forge-emu-testing.tgz');
