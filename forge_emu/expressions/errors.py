"""What can be wrong with an expression: before it runs, and while it does."""

from __future__ import annotations


class ExpressionSyntaxError(Exception):
    """The text is no expression that filters may use. `offset` says where, from 0.

    `unbuilt` says that Jira expressions may have it elsewhere.
    """

    def __init__(
        self, message: str, offset: int, hint: str | None = None, *, unbuilt: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint
        self.unbuilt = unbuilt


class EvaluationError(Exception):
    """The evaluation failed. `location` is the text of the part that did.

    `missing` is the name of a property that is not there and `names` are those that are, where
    that is the reason.
    """

    def __init__(
        self,
        message: str,
        location: str = "",
        missing: str | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.missing = missing
        self.names = names


class NotBuiltError(Exception):
    """The platform knows it, this emulator does not. `offset` says where in the text, from 0.

    No `catch` sees it.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class StepLimitError(EvaluationError):
    """The evaluation took too many steps; `catch` does not see it."""
