"""What a person can do on the query page, described as all commands are. They act on `window.query`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workstation.case.command import Command, Where, possible

if TYPE_CHECKING:
    from workstation.ui.query_page import QueryPage

QUERY_COMMANDS: dict[str, Command] = {}

PageFunction = Callable[["QueryPage"], None]


def command(
    title: str,
    *keys: str,
    permission: str = "query",
    why_not: Callable[["QueryPage"], str] = possible,
    found_by: str = "",
) -> Callable[[PageFunction], PageFunction]:
    """Put a function of the page into the table, named after itself."""

    def register(function: PageFunction) -> PageFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()

        def run(window: Any) -> None:
            function(window.query)

        def why(window: Any) -> str:
            return why_not(window.query)

        QUERY_COMMANDS[name] = Command(
            name, title, keys, run, text, "Archives", Where.QUERY, permission, why, found_by=found_by
        )
        return function

    return register


def _nothing_chosen(page: "QueryPage") -> str:
    return "" if page.chosen() else "No study is chosen."


def _nothing_to_enter(page: "QueryPage") -> str:
    return "" if page.fields.have_keyboard() else _nothing_chosen(page)


@command("Find, or open as it arrives", "Return", permission="import", why_not=_nothing_to_enter)
def open_as_it_arrives(page: "QueryPage") -> None:
    """In the fields: ask the ticked nodes. On a study: fetch it and open it with its first image."""
    page.enter()


@command("Fetch", "R", permission="import", why_not=_nothing_chosen, found_by="retrieve download get move")
def fetch_the_study(page: "QueryPage") -> None:
    """Fetch the chosen study into the cache."""
    page.retrieve()


@command("Send to a node", "S", permission="send", why_not=lambda page: page.why_not_send())
def send_the_found_study(page: "QueryPage") -> None:
    """Choose the node that the chosen study is sent to."""
    page.choose_target()


@command("Type another query", "/", "Ctrl+F")
def type_another_query(page: "QueryPage") -> None:
    """Put the cursor into the first field."""
    page.fields.first.setFocus()
    page.fields.first.selectAll()
    page.changed.emit()


@command("Leave the query", "Esc")
def leave_the_query(page: "QueryPage") -> None:
    """Stop asking, else empty the fields, else go back."""
    page.leave()
