"""A reading as plain data, for JSON. Empty values are null, so that nobody takes "" for a name."""

from collections.abc import Sequence
from typing import Any

from core.reading.duties import Duty, Event
from core.reading.header import Header
from core.reading.plan import Objective
from core.reading.reading import Reading

Json = dict[str, Any]


def shape(reading: Reading) -> Json:
    return {
        "readable": True,
        "header": _header(reading.header),
        "duties": [_duty(duty) for duty in reading.duties],
        "events": [_event(event) for event in [*reading.activities, *_apart(reading)]],
        "objectives": [_objective(one) for one in reading.objectives],
        "form_fields": list(reading.form_fields),
        "not_duties": [{"phrase": phrase, "why": rule} for phrase, rule in reading.dropped],
    }


def unreadable(why: str) -> Json:
    return {"readable": False, "why": why, "header": {}, "duties": [], "events": []}


def _apart(reading: Reading) -> Sequence[Event]:
    """The events that no activity already tells."""
    told = {activity.place for activity in reading.activities}
    return [event for event in reading.events if event.place not in told]


def _header(header: Header) -> Json:
    return {
        "so": header.number or None,
        "ky_hieu": header.symbol or None,
        "loai": header.kind or None,
        "co_quan_chu_quan": header.superior or None,
        "co_quan": header.issuer or None,
        "noi": header.place or None,
        "ngay_ban_hanh": str(header.issued_on) if header.issued_on else None,
        "trich_yeu": header.title or None,
        "kinh_gui": list(header.addressees) or None,
        "noi_nhan": list(header.receivers) or None,
        "chuc_vu": header.signer or None,
        "can_cu": [
            {"so": one.number, "ngay": str(one.day), "issuer": one.issuer or None}
            for one in header.grounds
        ],
        "thoi_ky": _years(header.span),
        "nam_hoc": _years(header.school_year),
        "ngay_dang": str(header.posted_on) if header.posted_on else None,
    }


def _years(years: tuple[int, int] | None) -> str | None:
    return f"{years[0]}-{years[1]}" if years else None


def _duty(duty: Duty) -> Json:
    due = duty.deadline
    return {
        "phrase": duty.phrase,
        "what": duty.matter.name,
        "who": duty.owner.value,
        "recipient": duty.receiver.unit or None,
        "deadline": due.text or None,
        "op": due.op.value,
        "kind": duty.matter.kind.value,
        "flags": list(duty.flags),
        "draftable": duty.draftable,
        "waiting": due.waiting or None,
        "literal": due.literal or None,
        "instances": list(duty.instances),
        **_details(duty),
    }


def _details(duty: Duty) -> Json:
    return {
        "via": duty.receiver.topic or None,
        "channels": list(duty.receiver.channels),
        "levels": list(duty.audience.levels),
        "condition": duty.audience.condition or None,
        "deliverables": list(duty.matter.deliverables),
        "form": duty.matter.form or None,
        "fields": list(duty.matter.fields),
        "place": duty.place or None,
        "sentence": duty.sentence,
        "also": list(duty.also),
        "rules": list(duty.rules),
    }


def _event(event: Event) -> Json:
    when = f"{event.last}T{event.at}" if event.at else str(event.last) if event.last else None
    if event.first and event.last and event.first != event.last:
        when = f"{event.first}/{event.last}"
    return {
        "phrase": event.phrase,
        "what": event.what,
        "when": when,
        "waiting": event.waiting or None,
        "who": event.who or None,
        "place": event.place or None,
        "milestones": list(event.milestones),
    }


def _objective(objective: Objective) -> Json:
    return {"text": objective.text, "place": objective.place}
