"""`modules.webtrigger`: a function or endpoint that an HTTP request calls.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/web-trigger/, and the
schema of `@forge/manifest` 13.7.0.
"""

from __future__ import annotations

from typing import Final

from forge_emu.manifest.targets.module_reader import TARGETS, ModuleReader
from forge_emu.model import StaticOutput, WebTrigger
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import join_names
from forge_emu.yamlsource.nodes import Part, ScalarNode

MOST_OUTPUTS: Final = 20
LONGEST_BODY: Final = 1_024
"""Characters of a static output's body."""
_LONGEST_TEXT: Final = 255

_PROPERTIES = frozenset({"key", "request", "response", "urlFormat", *TARGETS})
_OUTPUT_PROPERTIES = frozenset({"key", "statusCode", "body", "contentType"})
_TYPES = ("static", "dynamic")
_AUTHENTICATIONS = ("hmacSharedSecret", "none")
_URL_FORMATS = ("v1", "v2")


class WebTriggerReader(ModuleReader[WebTrigger]):
    """Reads web triggers of `functions` and `endpoints`."""

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.webtrigger`."""
        if not self._begin_entry(part, _PROPERTIES, "a web trigger"):
            return
        key = self._keys.read_key(part)
        url_format = self._one_of(part.get("urlFormat"), _URL_FORMATS) or _URL_FORMATS[0]
        outputs = self._outputs(part.get("response"))
        signed = self._is_signed(part.get("request"))
        target = self._read_target(part, key, "webtrigger", "webtrigger-target")
        if target is None:
            return
        function, endpoint = target
        if key is not None:
            self.modules.append(
                WebTrigger(key, function, part.place.line, endpoint, url_format, outputs, signed)
            )

    def _is_signed(self, request: Part | None) -> bool:
        """Whether `request` asks for signatures."""
        if request is None or not typed_reading.require_mapping(self._findings, request):
            return False
        typed_reading.warn_unknown_properties(
            self._findings, request, frozenset({"authentication"}), "the request"
        )
        return self._one_of(request.get("authentication"), _AUTHENTICATIONS) == _AUTHENTICATIONS[0]

    def _outputs(self, response: Part | None) -> tuple[StaticOutput, ...] | None:
        """The outputs of a static web trigger; None for a dynamic one."""
        if response is None or not typed_reading.require_mapping(self._findings, response):
            return None
        typed_reading.warn_unknown_properties(
            self._findings, response, frozenset({"type", "outputs"}), "the response"
        )
        kind = self._one_of(response.get("type"), _TYPES)
        outputs = response.get("outputs")
        if response.get("type") is None:
            self._findings.error_missing(response, "type", "It is static or dynamic.")
        if kind != "static":
            if outputs is not None and kind == "dynamic":
                self._findings.error_at_key(
                    outputs,
                    f"{outputs.name} is only allowed where the type is static",
                    "Remove it, or write `type: static`.",
                    "webtrigger-outputs",
                )
            return None
        if outputs is None:
            self._findings.error_missing(
                response, "outputs", "List them: `outputs: [{key: ok, statusCode: 200}]`."
            )
            return ()
        items = typed_reading.read_list(self._findings, outputs, "entries") or ()
        found = [output for item in items if (output := self._output(item)) is not None]
        if len(items) > MOST_OUTPUTS:
            self._findings.error(
                outputs, f"{outputs.name} has {len(items)} entries, {MOST_OUTPUTS} are allowed"
            )
        return tuple(found)

    def _output(self, item: Part) -> StaticOutput | None:
        if not typed_reading.require_mapping(self._findings, item):
            return None
        typed_reading.warn_unknown_properties(self._findings, item, _OUTPUT_PROPERTIES, "an output")
        key = typed_reading.read_required_text(
            self._findings, item, "key", "It is the outputKey that the function returns."
        )
        status = item.get("statusCode")
        value = status.node.value if status and isinstance(status.node, ScalarNode) else None
        code = value if isinstance(value, int) and not isinstance(value, bool) else None
        if status is None:
            self._findings.error_missing(item, "statusCode", "Write `statusCode: 200`.")
        elif code is None:
            self._findings.error(status, f"{status.name} must be a whole number, such as 200")
        body = self._text(item.get("body"), LONGEST_BODY)
        content_type = self._text(item.get("contentType"), _LONGEST_TEXT)
        if key is None or code is None:
            return None
        return StaticOutput(key, code, content_type, body)

    def _text(self, at: Part | None, longest: int) -> str | None:
        text = typed_reading.read_text(self._findings, at) if at else None
        if at is not None and text is not None and len(text) > longest:
            self._findings.error(
                at, f"{at.name} is {len(text)} characters long, {longest} are allowed"
            )
        return text

    def _one_of(self, at: Part | None, allowed: tuple[str, ...]) -> str | None:
        value = typed_reading.read_text(self._findings, at) if at else None
        if at is None or value is None or value in allowed:
            return value
        self._findings.error(
            at, f"{at.name} cannot be {value[:60]!r}", f"It is one of: {join_names(allowed)}."
        )
        return None
