"""A key image: one that a reader wants others to look at (PS3.3 C.17.6)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyImage:
    """An image by name; frame from 0."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    frame: int = 0
