'use strict';

// Parses an app's sources and prints facts about their use of the platform, as JSON. Runs no source.
// Input (stdin): {root, parser, entries}. `parser` is the path of @babel/parser.

const { Program } = require('./program.cjs');
const { readFacts } = require('./facts.cjs');

function main(input) {
  const program = new Program(input.root, require(input.parser));
  for (const file of input.entries) program.loadModule(file);
  const modules = [];
  for (const module of program.modules.values()) {
    try {
      modules.push(readFacts(program, module));
    } catch (error) {
      // Deeply nested code overflows the stack.
      program.unread.push({ file: module.file, line: 0, column: 0, message: error.message });
    }
  }
  return { modules, unread: program.unread };
}

let text = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => (text += chunk));
process.stdin.on('end', () => process.stdout.write(JSON.stringify(main(JSON.parse(text)))));
