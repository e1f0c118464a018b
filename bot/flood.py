"""Notice who sends far more than a person can. Pure: time is given."""

from collections import Counter
from datetime import UTC, datetime, timedelta

# An impatient person taps twice a second, for a few seconds; an app gone wrong goes on and on.
SPAN = timedelta(seconds=10)
MOST = 30  # messages in one span


class Floods:
    """An episode begins with one message too many in a span, and ends with a span of silence.

    Spans are the same for all chats and follow each other, so that only one number is kept for
    each chat that was heard in the last of them: a microsecond a message. A start forgets
    all, and warns once more.
    """

    def __init__(self) -> None:
        self._since = datetime.min.replace(tzinfo=UTC)
        self._counts = Counter[str]()
        self._began: dict[str, str] = {}

    def begins(self, chat: str, update: str, now: datetime) -> bool:
        """Count a message, and say whether an episode begins with it; also when asked again.

        update: its id. now: machine time.
        """
        if not self._since <= now < self._since + SPAN:
            self._begin_span(now)
        self._counts[chat] += 1
        if self._counts[chat] > MOST:
            self._began.setdefault(chat, update)
        return self._began.get(chat) == update

    def _begin_span(self, now: datetime) -> None:
        if now >= self._since + 2 * SPAN:
            self._counts.clear()  # nobody wrote in the last one
        self._began = {c: u for c, u in self._began.items() if c in self._counts}
        self._counts.clear()
        self._since = now
