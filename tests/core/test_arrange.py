"""Commands that take out and swap numbered things, as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrange import Remove, Swap, arranged, read


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("bỏ 3", Remove((3,))),
        ("bo 3", Remove((3,))),
        ("Bỏ ảnh 3", Remove((3,))),
        ("BỎ 3, 5 và 7", Remove((3, 5, 7))),
        ("xóa trang 2", Remove((2,))),
        ("bỏ 3 3", Remove((3,))),
        ("remove photo 3", Remove((3,))),
        ("bo3", Remove((3,))),
        ("đổi 2 4", Swap(2, 4)),
        ("doi 2 4", Swap(2, 4)),
        ("đổi chỗ 2 và 4", Swap(2, 4)),
        ("đổi ảnh 2 với 4", Swap(2, 4)),
        ("Đổi 2-4", Swap(2, 4)),
        ("swap 2 and 4", Swap(2, 4)),
        ("đổi 2", None),
        ("đổi 2 2", None),
        ("đổi 2 4 6", None),
        ("bỏ", None),
        ("bỏ ba", None),
        ("bỏ 1000", None),
        ("3", None),
        ("bỏ 3 hay 4", None),
        ("", None),
    ],
)
def test_what_people_type(text: str, command: Remove | Swap | None) -> None:
    assert read(text) == command


PAGES = st.lists(st.integers(), max_size=30)
NUMBER = st.integers(0, 40)


@given(PAGES, NUMBER, NUMBER)
def test_a_swap_is_undone_by_itself_and_moves_nothing_else(
    pages: list[int], one: int, other: int
) -> None:
    if not (1 <= one <= len(pages) and 1 <= other <= len(pages)):
        with pytest.raises(IndexError):
            arranged(pages, Swap(one, other))
        return
    swapped = arranged(pages, Swap(one, other))
    assert arranged(swapped, Swap(one, other)) == pages
    assert (swapped[one - 1], swapped[other - 1]) == (pages[other - 1], pages[one - 1])
    rest = [at for at in range(len(pages)) if at + 1 not in (one, other)]
    assert [swapped[at] for at in rest] == [pages[at] for at in rest]


@given(PAGES, st.sets(NUMBER, min_size=1))
def test_removing_keeps_the_order_of_the_rest(pages: list[int], numbers: set[int]) -> None:
    if not all(1 <= number <= len(pages) for number in numbers):
        with pytest.raises(IndexError):
            arranged(pages, Remove(tuple(numbers)))
        return
    left = arranged(list(enumerate(pages, 1)), Remove(tuple(numbers)))
    assert left == [pair for pair in enumerate(pages, 1) if pair[0] not in numbers]


@given(
    st.lists(st.integers(1, 999), min_size=1, unique=True), st.sampled_from([" ", ", ", " và "])
)
def test_any_numbers_are_read_back(numbers: list[int], between: str) -> None:
    assert read(f"bỏ {between.join(map(str, numbers))}") == Remove(tuple(numbers))


@given(st.text(max_size=60))
def test_any_text_is_read_or_not_and_never_raises(text: str) -> None:
    assert read(text) is None or text
