"""Papers that are written when somebody asks for them, each in its own format."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot import ics, official
from core.agenda import Agenda
from core.urging import Urging

Paper = Agenda | Urging


def name(paper: Paper) -> str:
    """Of its file."""
    return ics.FILE_NAME if isinstance(paper, Agenda) else official.URGING_NAME


def write(paper: Paper, language: str, zone: ZoneInfo, now: datetime) -> bytes:
    """language: of its reader; an official letter is in Vietnamese, whoever drafts it."""
    if isinstance(paper, Agenda):
        return ics.write(paper, language, zone, now)
    return official.write_urging(paper)
