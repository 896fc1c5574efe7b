'use strict';

// This folder runs in a process of Node.js of its own, which forge-emu starts for `check` and which
// ends with its answer. It parses an app's sources and runs none of them.
// Input (stdin): {root, parser, entries}, where `parser` is the path of @babel/parser.
// Output (stdout): facts about the sources' use of the platform, as JSON.

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
