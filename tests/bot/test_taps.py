"""A double tap is one, and the answer to it stays to be read."""

from dataclasses import replace

from sqlmodel import col, select

from bot.taps import SPAN, Taps
from core.screen import Picked
from storage.outbox import Outgoing
from tests.conftest import NOW
from tests.handlers.test_registration import only_with_buttons, says_all
from tests.handlers.test_report import FILLED, begin
from tests.phone import Phone

NO = ("m1", "1.2", "answer:no")


def test_a_tap_is_repeated_only_at_once_by_the_same_chat_and_not_by_trying_again() -> None:
    taps = Taps()
    assert not taps.is_again("a", NO, "1", NOW)
    assert not taps.is_again("a", NO, "1", NOW)  # tried again after a failure
    assert not taps.is_again("b", NO, "2", NOW)
    assert taps.is_again("a", NO, "3", NOW)
    assert not taps.is_again("a", ("m1", "1.2", "answer:yes"), "4", NOW)
    assert not taps.is_again("a", NO, "5", NOW)
    assert not taps.is_again("a", NO, "6", NOW + SPAN)


@only_with_buttons
def test_a_receipt_outlives_a_double_tap(lan: Phone) -> None:
    lan.office.desk = replace(lan.office.desk, taps=Taps())
    begin(lan, *FILLED)
    assert lan.says("[Submit]")[0].endswith("is handed in. Thank you!")
    assert lan.says("[Submit]") == []
    assert lan.says("/due")


@only_with_buttons
def test_a_box_ticked_on_a_later_page_is_ticked_there(minh: Phone) -> None:
    says_all(minh, "/thongbao", "[Write a message]", "Hello", "[Done]")
    _code, message = minh.labels["viewer"]
    minh.gives(Picked("page:1"), message=message)
    minh.hears()
    minh.says("[viewer]")
    with minh.office.engine.connect() as connection:
        last = select(Outgoing.page).order_by(col(Outgoing.id).desc()).limit(1)
        assert connection.execute(last).scalar() == 1
