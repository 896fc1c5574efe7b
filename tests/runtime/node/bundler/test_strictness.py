"""The two parts of a bundle."""

from __future__ import annotations

from forge_emu.runtime.node.bundler.strictness import part_bundle

BUNDLE = """\
var __commonJS = (cb) => cb;

// src/old.js
var require_old = __commonJS({
  "src/old.js"(exports) {
    exports.text = `
// not/a/module.js
`;
  }
});

// src/index.js
var src_exports = {};
__export(src_exports, { run: () => run });
var init_src = __esm({
  "src/index.js"() {
    old = require_old();
  }
});

// src/effect.js
var init_effect = __esm({
  "src/effect.js"() {
    undeclared = 1;
  }
});

// src/data.json
var data_default = { a: 1 };

// entry.js
module.exports = {};
"""
INPUTS = {
    "src/old.js": {"format": "cjs"},
    "src/index.js": {"format": "esm"},
    "src/effect.js": {},
    "src/data.json": {},
    "entry.js": {"format": "cjs"},
}


def test_es_modules_are_in_the_strict_part_alone() -> None:
    """With JSON and the entry; CommonJS and scripts without exports are in the other."""
    parts = part_bundle(BUNDLE, INPUTS, "entry.js")

    for text in ("init_src = ", "data_default", "module.exports = {}"):
        assert text in parts.strict
        assert text not in parts.sloppy.split("\nreturn ")[0]
    for text in ("require_old = ", "init_effect = ", "__commonJS = "):
        assert text in parts.sloppy
        assert text not in parts.strict
    assert parts.strict.startswith('"use strict";')
    assert set(parts.shared) == {"__commonJS", "require_old", "init_effect"}


def test_lines_stay_where_they_are() -> None:
    """So the source map fits both parts."""
    lines = BUNDLE.splitlines()
    parts = part_bundle(BUNDLE, INPUTS, "entry.js")

    for text in (parts.sloppy, parts.strict):
        found = text.splitlines()
        assert len(found) > len(lines)
        for number, line in enumerate(lines[1:], 1):
            assert found[number] in {line, ""}


def test_commonjs_gets_the_es_modules_that_it_requires() -> None:
    """Their names are declared in the first part, and assigned from the second."""
    parts = part_bundle(BUNDLE, INPUTS, "entry.js")

    assert parts.sloppy.startswith("var src_exports, init_src;")
    assert "__forge_emu_link({ src_exports, init_src });" in parts.strict
