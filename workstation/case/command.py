"""What a command is, and the table of all that act on the case on screen.

Menus, shortcuts, the palette, the help page and tests all take commands from the table by name. Keys are written as
Qt writes them; they are defaults, a person may bind others. Modules beside this one fill the table on import.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from workstation.case.state import Case


class Where(Enum):
    """On which page a command and its keys work."""

    READING = "reading"
    LIST = "list"
    QUERY = "query"
    EVERYWHERE = "everywhere"


def possible(target: Any) -> str:
    """Nothing stands against it."""
    return ""


@dataclass(frozen=True)
class Command:
    """`help` is the function's docstring: one sentence. `run` takes what the command acts on: the Case, or the window.

    `why_not` takes the same and gives the sentence that says why the command can do nothing now; empty when it can.
    `permission` is asked of the person's role before it runs. Every press of a `step` is painted. `found_by` are other
    words for it, between spaces: people who know it under these find it, but nothing shows them. `said` is the sentence
    of the message line once it ran, where the picture alone does not tell what it did.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    run: Callable[[Any], None]
    help: str
    group: str
    where: Where = Where.READING
    permission: str = "read"
    why_not: Callable[[Any], str] = possible
    step: bool = False
    found_by: str = ""
    said: str = ""


COMMANDS: dict[str, Command] = {}
"""By name, of the case on screen; the window's own are in `ui.window_commands`."""

CaseFunction = Callable[[Case], None]


def command(
    title: str,
    *keys: str,
    group: str = "Picture",
    why_not: Callable[[Case], str] = possible,
    step: bool = False,
    permission: str = "read",
    found_by: str = "",
    said: str = "",
) -> Callable[[CaseFunction], CaseFunction]:
    """Put a function of the Case into the table, named after itself."""

    def register(function: CaseFunction) -> CaseFunction:
        name = function.__name__.replace("_", "-")
        if name in COMMANDS:
            raise ValueError(f"two commands are called {name}")
        text = (function.__doc__ or "").strip()
        COMMANDS[name] = Command(
            name,
            title,
            keys,
            function,
            text,
            group,
            permission=permission,
            why_not=why_not,
            step=step,
            found_by=found_by,
            said=said,
        )
        return function

    return register
