"""Roles and what each may do. Every act of the program passes `require` with the name of a permission."""

from typing import Final

from workstation.errors import Reason, Refused

PERMISSIONS: Final[dict[str, frozenset[str]]] = {
    "reader": frozenset(("read", "query", "import", "send", "measure", "settings")),
    "surgeon": frozenset(("read", "query", "measure", "settings")),
    "presenter": frozenset(("read", "settings")),
    "administrator": frozenset(("read", "query", "import", "send", "settings", "administer")),
}
LOCAL_ROLE: Final = "reader"
"""The role of whoever sits here while nobody signs in."""


def may(permission: str, role: str = LOCAL_ROLE) -> bool:
    """Whether a role carries a permission."""
    return permission in PERMISSIONS[role]


def require(permission: str, role: str = LOCAL_ROLE) -> None:
    """Raise Refused, with the sentence, when the role does not carry the permission."""
    if not may(permission, role):
        raise Refused(Reason.NOT_PERMITTED, f"{permission} as {role}")
