"""All that a person can do to the case on screen: importing this fills the table of commands, group by group."""

from workstation.case import (
    drawing_commands,
    finding_commands,
    framing_commands,
    hanging_commands,
    hot_commands,
    key_commands,
    layer_commands,
    light_commands,
    link_commands,
    overlay_commands,
    plane_commands,
    quadrants,
    registering_commands,
    scroll_commands,
    segment_commands,
    turning_commands,
    volume_commands,
    way_commands,
)
from workstation.case.command import COMMANDS
from workstation.case.layout import put_set as show_set
from workstation.case.reasons import active_set

__all__ = [
    "COMMANDS",
    "active_set",
    "drawing_commands",
    "finding_commands",
    "framing_commands",
    "hanging_commands",
    "hot_commands",
    "key_commands",
    "layer_commands",
    "light_commands",
    "link_commands",
    "overlay_commands",
    "plane_commands",
    "quadrants",
    "registering_commands",
    "scroll_commands",
    "segment_commands",
    "show_set",
    "turning_commands",
    "volume_commands",
    "way_commands",
]
