"""How seldom Python searches for garbage: often, as it does by itself, it takes much of a turn."""

import gc

MOST = 50_000  # new objects that may hold each other; Python's 700 cost a twentieth of a turn


def settle() -> None:
    """What is loaded by now stays until the end, and need not be searched any more."""
    gc.freeze()
    gc.set_threshold(MOST)
    gc.enable()
