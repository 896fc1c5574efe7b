"""A stub of `@forge/bundler`, which is 300 MB, with its interface and that of webpack."""

from __future__ import annotations

BUNDLER = """\
exports.getEntryPoints = (handlers) => handlers.map(({ module }) => ({ name: module }));
exports.getNodeBundler = () => ({
  getBundler: async () => ({
    getConfigs: async ({ entryPoints }) => [{ entryPoints, output: {} }],
  }),
});
"""
WEBPACK = """\
const fs = require('node:fs');
const path = require('node:path');
module.exports = ({ entryPoints, output }) => ({
  close: (done) => done(),
  run(done) {
    const errors = [];
    const files = new Set(['/gone']);
    fs.mkdirSync(output.path, { recursive: true });
    for (const { name } of entryPoints) {
      const file = path.resolve('src', `${name}.js`);
      const text = fs.readFileSync(file, 'utf8');
      files.add(file);
      const refused = /^\\/\\/ refuse: (.*)$/m.exec(text);
      if (refused) errors.push(JSON.parse(refused[1].replaceAll('ROOT', process.cwd())));
      const made = path.join(output.path, `${name}.cjs`);
      fs.mkdirSync(path.dirname(made), { recursive: true });
      if (!refused) fs.writeFileSync(made, text);
    }
    const toJson = () => ({ errors, warnings: [] });
    done(null, { toJson, compilation: { fileDependencies: files } });
  },
});
"""


def bundler_files(version: str = "7.3.0") -> dict[str, str]:
    """The files of an app that has it installed."""
    return {
        "node_modules/@forge/bundler/package.json": f'{{"version": "{version}"}}',
        "node_modules/@forge/bundler/index.js": BUNDLER,
        "node_modules/webpack/index.js": WEBPACK,
    }
