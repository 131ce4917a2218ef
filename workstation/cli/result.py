"""What a command has to say."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """`document` is the JSON, `text` goes to stdout without --json, `problems` to stderr, `code` is the exit code."""

    document: Any
    text: str = ""
    problems: tuple[str, ...] = ()
    code: int = 0
