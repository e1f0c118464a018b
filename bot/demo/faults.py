"""Trouble on purpose: the same trouble for the same seed."""

from dataclasses import dataclass, field
from random import Random

from bot.demo.refusal import Refused, too_many_requests

DROP_BEFORE = "drop_before"
DROP_AFTER = "drop_after"
SERVER_ERRORS = {500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Timeout"}


@dataclass(slots=True)
class Faults:
    """What goes wrong, how often.

    too_many, server_error, drop_before, drop_after: probabilities, 0 to 1, of a 429, of a 502, of
        the connection breaking before the call is carried out, and after it.
    sequence: what befalls the next calls, in order, before chance takes over: "ok", "429", "500",
        "502", "504", "drop_before" or "drop_after".
    methods: only these, in any case of letters; all where empty.
    delay: milliseconds added to each call, half on the way in and half on the way out.
    retry_after: seconds, told with an injected 429.
    """

    too_many: float = 0
    server_error: float = 0
    drop_before: float = 0
    drop_after: float = 0
    sequence: list[str] = field(default_factory=list)
    methods: frozenset[str] = frozenset()
    delay: float = 0
    retry_after: int = 1
    seed: int = 0
    _chance: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)  # noqa: S311  repeatable, not secret
        self.methods = frozenset(name.lower() for name in self.methods)

    def next(self, method: str) -> str:
        """What befalls this call: "" if nothing."""
        if self.methods and method not in self.methods:
            return ""
        if self.sequence:
            return self.sequence.pop(0).removeprefix("ok")
        return self._drawn()

    def _drawn(self) -> str:
        kinds = (self.too_many, self.server_error, self.drop_before, self.drop_after)
        if not any(kinds):
            return ""
        place = self._chance.random()
        for kind, share in zip(("429", "502", DROP_BEFORE, DROP_AFTER), kinds, strict=True):
            place -= share
            if place < 0:
                return kind
        return ""

    def refusal(self, kind: str) -> Refused:
        if kind == "429":
            return too_many_requests(self.retry_after)
        return Refused(SERVER_ERRORS[int(kind)], int(kind))
