"""Roles: what each may do, and that whoever may not is told."""

import pytest

from workstation.case.command import COMMANDS
from workstation.errors import Reason, Refused
from workstation.security.roles import PERMISSIONS, may, require
from workstation.ui.window_commands import all_commands


def test_a_presenter_may_look_and_not_measure() -> None:
    require("read", "presenter")
    with pytest.raises(Refused) as refused:
        require("measure", "presenter")
    assert refused.value.reason is Reason.NOT_PERMITTED
    assert not may("administer", "reader")


def test_every_command_asks_for_a_permission_that_some_role_carries() -> None:
    known = set().union(*PERMISSIONS.values())
    assert {command.permission for command in all_commands().values()} <= known
    assert COMMANDS
