'use strict';

// Reads an app's sources and prints what they do with the platform, as JSON. Runs none of them.
// Job (stdin): {root, parser, entries}. `parser` is the path of @babel/parser.

const { Program } = require('./program.cjs');
const { factsOf } = require('./calls.cjs');

function main(job) {
  const program = new Program(job.root, require(job.parser));
  for (const file of job.entries) program.load(file);
  const modules = [];
  for (const module of program.modules.values()) {
    try {
      modules.push(factsOf(program, module));
    } catch (error) {
      // Code may be nested deeper than anyone can follow.
      program.unread.push({ file: module.file, line: 0, column: 0, message: error.message });
    }
  }
  return { modules, unread: program.unread };
}

let text = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => (text += chunk));
process.stdin.on('end', () => process.stdout.write(JSON.stringify(main(JSON.parse(text)))));
