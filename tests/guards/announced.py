"""Messages a test did not announce fail it, and so do announced ones that never came."""

import re

import pytest


def unannounced(item: pytest.Item, marker: str, messages: list[str]) -> list[str]:
    """What is wrong with the `messages` seen during `item`, given its `marker`s (each one regex)."""
    expected = [str(mark.args[0]) for mark in item.iter_markers(marker)]
    surprises = [text for text in messages if not any(re.search(pattern, text) for pattern in expected)]
    missing = [pattern for pattern in expected if not any(re.search(pattern, text) for text in messages)]
    return surprises + [f"announced with {marker} and never came: {pattern}" for pattern in missing]
