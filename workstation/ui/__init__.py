"""QtWidgets and nothing else: pages, panels, dialogs, the tile widget, theme."""
