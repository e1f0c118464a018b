"""What the page of the demo governs: the data, the program beside it, and the clock of both."""

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

import aiohttp

from bot.clock import Clock, machine_now
from bot.demo.cast import CAST, Guest, described
from bot.demo.program import Failed, Program
from bot.demo.refusal import Json
from bot.demo.state import Chat, State

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BEGINNING = datetime(2018, 6, 1, 8, tzinfo=ZONE)
MORNING = hour(8)
SLOWEST_START = 20.0  # seconds in which a started program begins to listen
BETWEEN_TRIES = 0.1  # seconds


class NotNow(Exception):
    """One sentence for the page: why that cannot be done."""


class Stage:
    """folder: of the data; used before where it holds a `demo.json`.

    listen: "host:port" of the program's own web address.
    """

    def __init__(self, state: State, program: Program, folder: Path, listen: str) -> None:
        self.state = state
        self.session = token_hex(4)
        self._program = program
        self._folder = folder
        self._listen = listen
        self._memory = remembered(folder)
        self._memory["sessions"] += 1
        self._clock = Clock(ZONE, datetime.fromisoformat(self._memory["clock"]))
        self._guests: dict[int, Guest] = {}
        self._deadlines: list[date] = []
        self._step = ""
        self._trouble = ""
        self._prepared = False
        self._one_at_a_time = asyncio.Lock()
        self._keep_time()
        self._seat()

    async def prepare(self) -> None:
        """Make what the program needs and start it; what goes wrong is shown on the page."""
        try:
            self._tell("dựng kho dữ liệu")
            await self._program.ask(self._clock.now(), "migrate")
            if not self._memory["loaded"]:
                self._tell("nạp các trường và kế hoạch mẫu")
                await self._load()
            self._prepared = True
            await self.turn(running=True)
        except Failed as failed:
            self._trouble = str(failed)
        self._remember()

    async def turn(self, *, running: bool, pull: bool = False) -> None:
        """Start the program or stop it. Raises NotNow."""
        if not self._prepared:
            raise NotNow("Dữ liệu còn đang được chuẩn bị.")
        async with self._one_at_a_time:
            if running:
                await self._program.start(self._clock.now())
            else:
                await self._program.stop(pull)
            self._changed()

    async def move(self, to: datetime) -> None:
        """Move the clock of the phones and of the program. Raises NotNow."""
        if to <= self._clock.now():
            raise NotNow("Đồng hồ chỉ đi tới.")
        async with self._one_at_a_time:
            self._clock.move(to)
            self._keep_time()
            self._remember()
            # After the phones, or the reminders of that morning would bear the old time.
            if self._program.running:
                await self._move_program()
            self._changed()

    async def end(self) -> None:
        await self._program.stop()
        self._remember()

    def moment(self, jump: str) -> datetime:
        """What a jump means now. Raises NotNow."""
        now = self._clock.now()
        if jump == "next_morning":
            return next_morning(now)
        if jump == "three_days_before" and (to := three_days_before(self._deadlines, now)):
            return to
        raise NotNow("Không còn hạn nào ở phía trước.")

    def snapshot(self) -> Json:
        """For the page. clock: the demo's; deadlines: days, soonest first."""
        running, last = self._program.running, self.state.last_poll
        return {
            "session": self.session,
            "bot": self.state.me["first_name"],
            "clock": self._clock.now().isoformat(),
            "prepared": self._prepared,
            "step": self._step,
            "trouble": self._trouble or _unexpected(self._program.trouble),
            "running": running,
            "ready": running and last is not None and last >= self._program.started,
            "unanswered": len(self.state.updates.pending),
            "deadlines": [day.isoformat() for day in self._deadlines],
            "phones": [self._described(chat) for chat in self.state.people()],
        }

    def _described(self, chat: Chat) -> Json:
        guest = self._guests.get(chat.id, Guest(chat.name))
        code = self._memory["codes"].get(guest.name)
        return {**described(chat.id, guest, code), "met": chat.opened}

    def _seat(self) -> None:
        """Put out the phones: of the cast, or those of the session before."""
        cast = {guest.name: guest for guest in CAST}
        for name, opened in self._memory["phones"] or [(name, False) for name in cast]:
            chat = self.state.add_person(name, opened=opened)
            self._guests[chat.id] = cast.get(name, Guest(name))

    async def _load(self) -> None:
        """The sample, and an invitation for each of the cast who gets one."""
        invited = [guest for guest in CAST if guest.role]
        words = [f"--invite={guest.unit}:{guest.role}" for guest in invited]
        told = await self._program.ask(self._clock.now(), "demo-data", *words)
        codes = zip((guest.name for guest in invited), told.split(), strict=True)
        self._memory |= {"loaded": True, "codes": dict(codes)}
        self._changed()

    async def _move_program(self) -> None:
        """Raises NotNow, after which only a restart of the program brings the clocks together."""
        url, to = f"http://{self._listen}/clock", {"to": self._clock.now().isoformat()}
        try:
            async with asyncio.timeout(SLOWEST_START):
                while self._program.running and not await _posted(url, to):
                    await asyncio.sleep(BETWEEN_TRIES)
        except TimeoutError:
            raise NotNow("Bot không nhận giờ mới. Hãy tắt rồi bật lại bot.") from None

    def _keep_time(self) -> None:
        """Set the phones' clock by ours."""
        self.state.ahead = (self._clock.now() - machine_now()).total_seconds()

    def _tell(self, step: str) -> None:
        self._step = step
        self.state.changed.ring()

    def _changed(self) -> None:
        self._deadlines = deadlines(self._folder / "phongbot.db", self._clock.today())
        self.state.changed.ring()

    def _remember(self) -> None:
        self._memory["clock"] = self._clock.now().isoformat()
        self._memory["phones"] = [(chat.name, chat.opened) for chat in self.state.people()]
        (self._folder / "demo.json").write_text(json.dumps(self._memory), encoding="utf-8")


def _unexpected(trouble: str) -> str:
    return f"Bot đã dừng ngoài ý muốn: {trouble}" if trouble else ""


def next_morning(now: datetime) -> datetime:
    tomorrow = now.astimezone(ZONE).date() + timedelta(days=1)
    return datetime.combine(tomorrow, MORNING, ZONE)


def three_days_before(days: Iterable[date], now: datetime) -> datetime | None:
    """The morning three days before the first of the days for which it is still to come."""
    mornings = (datetime.combine(day - timedelta(days=3), MORNING, ZONE) for day in days)
    return min((one for one in mornings if one > now), default=None)


def deadlines(database: Path, today: date) -> list[date]:
    """The days from today on at which a report is due, soonest first."""
    asked = "SELECT DISTINCT due_on FROM report WHERE due_on >= ? ORDER BY due_on"
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(asked, (today.isoformat(),)).fetchall()
    return [date.fromisoformat(row[0]) for row in rows]


def remembered(folder: Path) -> Json:
    """What a session leaves to the next.

    clock: where it stood. loaded: whether the sample is in. codes: of invitations, by who gets it.
    phones: [name, whether they have written to the bot], in order. sessions: how many there were.
    """
    file = folder / "demo.json"
    new = {"clock": BEGINNING.isoformat(), "loaded": False, "codes": {}, "phones": []}
    found: Json = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {**new, "sessions": 0, **found}


async def _posted(url: str, body: Json) -> bool:
    """Whether somebody was there to take it."""
    try:
        async with aiohttp.request("POST", url, json=body) as answer:
            return answer.ok
    except aiohttp.ClientError:
        return False
