// Packs what `npm publish` would send into forge-emu-testing.tgz.

import { execSync } from 'node:child_process';
import { renameSync } from 'node:fs';

const [{ filename }] = JSON.parse(execSync('npm pack --json', { encoding: 'utf8' }));
renameSync(filename, 'forge-emu-testing.tgz');
