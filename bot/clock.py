"""The program's clock: what is due runs on it, and a demo may move it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def machine_now() -> datetime:
    """Machine time: leases, back-off and rates."""
    return datetime.now(UTC)  # noqa: TID251  the one place that reads it


class Clock:
    """Runs at machine speed from `start`, or is machine time where no start is given."""

    def __init__(
        self,
        zone: ZoneInfo,
        start: datetime | None = None,
        machine: Callable[[], datetime] = machine_now,
    ) -> None:
        self.zone = zone
        self._machine = machine
        self._ahead = start - machine() if start else timedelta()

    def now(self) -> datetime:
        return (self._machine() + self._ahead).astimezone(UTC)

    def today(self) -> date:
        """The day it is at the office."""
        return self.now().astimezone(self.zone).date()

    def move(self, moment: datetime) -> None:
        self._ahead = moment - self._machine()
