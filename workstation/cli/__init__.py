"""The command line. Each module of this room adds commands with `add(subparsers)` and imports heavy things late.

A command is a function of the parsed arguments that returns a `Result`. Exit codes: 0 done, 1 done in part or
refused with the reason on stderr, 2 wrong usage. With --json, stdout is exactly one JSON document, always.
"""

import argparse
import io
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from workstation import __version__
from workstation.cli import (
    arrive,
    bench,
    cache,
    demo,
    findings,
    hang,
    ledger,
    look,
    network,
    outbox,
    reformat,
    register,
    surface,
    suv,
    turntable,
)
from workstation.cli.result import Result
from workstation.errors import HounsfieldError, Refused

DONE, PARTLY, USAGE = 0, 1, 2


class WrongUsage(Exception):
    """What argparse has to say, with the usage line of the command it is about."""

    def __init__(self, sentence: str, usage: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.usage = usage


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongUsage(message, self.format_usage())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; without one, open the window."""
    import multiprocessing

    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in arguments
    _set_up_logging()
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that lacks a letter of a name shows its code
        sys.stdout.reconfigure(errors="backslashreplace")
    if not arguments:
        return _open_window()
    try:
        options = parser().parse_args(arguments)
        result = _run(options)
    except WrongUsage as wrong:
        sys.stderr.write(wrong.usage)
        return _show(Result({"error": wrong.sentence}, problems=(wrong.sentence,), code=USAGE), as_json)
    except HounsfieldError as error:
        return _show(_failure(error), as_json)
    except KeyboardInterrupt:
        return _show(Result({"error": "stopped"}, problems=("stopped",), code=PARTLY), as_json)
    except Exception as error:  # the one place of the command line that meets the unexpected
        return _show(_unexpected(error), as_json)
    return _show(result, as_json)


def parser() -> argparse.ArgumentParser:
    """Every command of the program."""
    top = _Parser(prog="hounsfield", description="A diagnostic workstation. Without a command it opens the window.")
    top.add_argument("--version", action="version", version=f"hounsfield {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    arrive.add(commands)
    cache.add(commands)
    look.add(commands)
    demo.add(commands)
    hang.add(commands)
    findings.add(commands)
    reformat.add(commands)
    register.add(commands)
    surface.add(commands)
    turntable.add(commands)
    suv.add(commands)
    ledger.add(commands)
    network.add(commands)
    outbox.add(commands)
    bench.add(commands)
    return top


def _run(options: argparse.Namespace) -> Result:
    """The answer of a command; where it meets an index that is gone or spoiled, that is made anew first."""
    try:
        result: Result = options.run(options)
    except HounsfieldError as error:
        from workstation.cache.index import IndexDamaged

        if not isinstance(error, IndexDamaged):
            raise
        said = cache.rebuilt(error.sentence)
        result = options.run(options)
        result = replace(result, problems=(*said, *result.problems))
    return result


def _failure(error: HounsfieldError) -> Result:
    document = {"error": error.sentence}
    if isinstance(error, Refused):
        document["reason"] = error.reason.name
    return Result(document, problems=(error.sentence,), code=PARTLY)


def _unexpected(error: Exception) -> Result:
    import logging

    logging.getLogger(__name__).error("the command ended unexpectedly", exc_info=error)
    sentence = f"this should not have happened ({type(error).__name__}); what was stored before is safe"
    return Result({"error": sentence}, problems=(sentence,), code=PARTLY)


def _show(result: Result, as_json: bool) -> int:
    if as_json:
        print(json.dumps(result.document, indent=2))
    elif result.text:
        print(result.text)
    for problem in result.problems:
        print(f"hounsfield: {problem}", file=sys.stderr)
    return result.code


def _open_window() -> int:
    if not look.unlocked():
        return _show(Result({}, problems=(look.STAYS_LOCKED,), code=PARTLY), as_json=False)
    with suppress(HounsfieldError):  # whatever is wrong, the window says it
        if look.shown_by_another(None):
            return DONE
    from workstation.cli.window import open_window

    return open_window()


def _set_up_logging() -> None:
    """Warnings and errors to stderr, without what libraries quote from the files they read (safety.md 23)."""
    import logging

    from workstation.cli.discreet import DiscreetFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter("hounsfield: %(levelname)s in %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    if not sys.warnoptions:
        import warnings

        warnings.simplefilter("ignore")
