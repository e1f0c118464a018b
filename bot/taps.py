"""Notice a double tap, which an unsure finger means as one. Pure: time is given."""

from datetime import UTC, datetime, timedelta

SPAN = timedelta(seconds=3)  # whoever means a second tap first looks at what the first one did
Tapped = tuple[str, str, str]  # message, what the button was made for, and its action


class Taps:
    """The last tap of each chat; a start forgets all, and answers one double tap twice.

    span: within which a tap repeats the one before.
    """

    def __init__(self, span: timedelta = SPAN) -> None:
        self._span = span
        self._tidied = datetime.min.replace(tzinfo=UTC)
        self._last: dict[str, tuple[Tapped, str, datetime]] = {}

    def is_again(self, chat: str, tapped: Tapped, update: str, now: datetime) -> bool:
        """Note a tap, and say whether it only repeats the one before; not when asked again.

        update: its id. now: machine time.
        """
        before, first, at = self._last.get(chat, (None, "", now))
        if before == tapped and first != update and now < at + self._span:
            return True
        self._tidy(now)
        self._last[chat] = tapped, update, now
        return False

    def _tidy(self, now: datetime) -> None:
        if now >= self._tidied + 20 * SPAN:
            self._tidied = now
            self._last = {c: one for c, one in self._last.items() if now < one[2] + self._span}
