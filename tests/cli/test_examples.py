"""The commands that reach the network or the cache show how they are used, and what they show is what they take."""

import argparse
import shlex
from collections.abc import Iterator

import pytest

from workstation.cli import parser


def commands(top: argparse.ArgumentParser, *names: str) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Every command of a parser with those below it."""
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, made in action.choices.items():
                yield (*names, name), made
                yield from commands(made, *names, name)


ROOTS = ("echo", "find", "retrieve", "send", "receive", "outbox", "cache", "node")
SHOWN = [(names, made) for names, made in commands(parser()) if names[0] in ROOTS]


@pytest.mark.parametrize(("names", "made"), SHOWN, ids=lambda each: "-".join(each) if isinstance(each, tuple) else "")
def test_the_example_of_a_command_is_one_that_it_takes(names: tuple[str, ...], made: argparse.ArgumentParser) -> None:
    said = " ".join(made.format_help().split())
    assert f"Example: hounsfield {' '.join(names)}" in said
    example = str(made.epilog).removeprefix("Example: ").partition("  (")[0]
    for line in example.split("; "):
        words = shlex.split(line.removeprefix("then: "))
        options = parser().parse_args(words[1:])
        assert words[0] == "hounsfield" and callable(options.run)


def test_each_of_them_is_there() -> None:
    assert {names[0] for names, _ in SHOWN} == set(ROOTS)
