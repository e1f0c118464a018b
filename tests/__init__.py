"""Tests. A failing assertion of the pretend phone shows what was said instead."""

import pytest

pytest.register_assert_rewrite("tests.phone")
