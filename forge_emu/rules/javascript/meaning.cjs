'use strict';

// What an expression means: the expression behind a name, across modules, or an import of a package.

const { bare, propertyName } = require('./walk.cjs');

const DEEP = 12;

class Meaning {
  constructor(program) {
    this.program = program;
  }

  // {node, module, scope} behind names and members, or {source, imported} of a package.
  resolve(node, module, scope, depth = 0) {
    node = bare(node);
    const here = { node, module, scope };
    if (!node || depth > DEEP) return here;
    if (node.type === 'Identifier') {
      const binding = scope.find(node.name);
      return binding ? this.ofBinding(binding, module, here, depth) : here;
    }
    if (node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression') {
      const name = propertyName(node);
      return name === null ? here : this.member(node.object, name, here, depth);
    }
    return here;
  }

  ofBinding(binding, module, here, depth) {
    switch (binding.kind) {
      case 'import':
        return this.ofImport(module, binding.source, binding.imported, here, depth);
      case 'const':
        if (!binding.init) return here;
        return this.resolve(binding.init, module, binding.scope, depth + 1);
      case 'member':
        return this.member(binding.init, binding.property, { ...here, scope: binding.scope }, depth + 1);
      case 'function':
      case 'class':
        return { node: binding.node, module, scope: binding.scope };
      default:
        return here;
    }
  }

  ofImport(module, source, imported, here, depth) {
    if (!source.startsWith('.')) return { source, imported };
    const other = this.program.imported(module, source);
    if (!other) return here;
    if (imported === '*') return { namespace: other };
    return this.exported(other, imported, depth + 1) ?? here;
  }

  // What `module` exports under `name`; null where it exports no such thing.
  exported(module, name, depth = 0) {
    if (depth > DEEP) return null;
    const { exports, stars, top } = module.scopes;
    const found = exports.get(name);
    if (!found) {
      for (const source of stars) {
        const other = this.program.imported(module, source);
        const through = other && this.exported(other, name, depth + 1);
        if (through) return through;
      }
      return null;
    }
    if (found.init) return this.resolve(found.init, module, top, depth + 1);
    if (found.source) {
      return this.ofImport(module, found.source, found.imported, null, depth + 1);
    }
    const binding = top.find(found.local);
    return binding ? this.ofBinding(binding, module, { node: binding.node, module, scope: top }, depth + 1) : null;
  }

  member(object, name, here, depth) {
    if (object.type === 'ThisExpression') {
      const field = here.module.scopes.fields.get(name);
      return field ? this.resolve(field.init, here.module, field.scope, depth + 1) : here;
    }
    const found = this.resolve(object, here.module, here.scope, depth + 1);
    if (found.source) {
      const whole = found.imported === '*' || found.imported === 'default';
      if (whole) return { source: found.source, imported: name, whole: found.imported };
      return { source: found.source, imported: `${found.imported}.${name}` };
    }
    if (found.namespace) return this.exported(found.namespace, name, depth + 1) ?? here;
    if (found.node?.type === 'ObjectExpression') {
      const property = found.node.properties.find(
        (p) => p.type === 'ObjectProperty' && propertyName(p) === name,
      );
      if (property) return this.resolve(property.value, found.module, found.scope, depth + 1);
    }
    return here;
  }

  isImport(found, source, imported) {
    return found.source === source && found.imported === imported;
  }
}

module.exports = { Meaning };
