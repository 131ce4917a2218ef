"""QtWidgets and nothing else: pages, panels, dialogs, the tile widget, theme."""

from workstation.ui.overrides import guard_overrides

guard_overrides()  # before the first class of a room is made
