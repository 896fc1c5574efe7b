// Bundles script and style of the page into one HTML file: node build.mjs OUT STAMP
//
// The result has a placeholder for a run's JSON and loads nothing: no network, no second file. Its
// Content-Security-Policy contains the two hashes, so that no other script can run in it.

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const [out, stamp] = process.argv.slice(2);
const licenceOf = async (name) => `${name}\n\n${(await readFile(`node_modules/${name}/LICENSE`, 'utf8')).trim()}`;
const licences = (await Promise.all(['uplot', 'preact'].map(licenceOf))).join('\n\n');

const bundled = async (entry) => {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['es2021', 'chrome100', 'firefox100', 'safari15'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: entry.endsWith('.jsx') ? { LICENCES: JSON.stringify(licences) } : {},
  });
  const text = result.outputFiles[0].text.trim();
  if (/<\/(script|style)|<!--|\{\{run\}\}/i.test(text)) throw new Error(`${entry} would end its own tag`);
  return text;
};

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const script = await bundled('main.jsx');
const style = await bundled('style.css');
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  'img-src data:',
  'connect-src {{connect}}',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const html = (await readFile('page.html', 'utf8'))
  .replace('@policy@', () => policy)
  .replace('@stamp@', () => stamp)
  .replace('@licences@', () => licences)
  .replace('@style@', () => style)
  .replace('@script@', () => script);
await writeFile(out, html);
