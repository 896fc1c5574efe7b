// How `import` finds a module from a file: with the conditions of ES modules, without loading it.

export function resolveImport(id, parent) {
  return import.meta.resolve(id, parent);
}
