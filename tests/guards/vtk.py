"""A warning or error of VTK fails the test. VTK is never imported from here."""

import sys
from typing import Any


class VtkGuard:
    """Stands in for VTK's output window from the moment VTK is loaded."""

    marker = "expects_vtk"

    def __init__(self) -> None:
        self._messages: list[str] = []
        self._window: Any = None

    def install(self) -> None:
        core: Any = sys.modules.get("vtkmodules.vtkCommonCore")
        if core is None or self._window is not None:
            return

        def hear(caller: Any, event: str, text: str) -> None:
            self._messages.append(f"{event}: {text.strip()}")

        hear.CallDataType = core.VTK_STRING  # type: ignore[attr-defined]
        self._window = core.vtkOutputWindow()
        self._window.SetDisplayModeToNever()
        self._window.AddObserver("ErrorEvent", hear)
        self._window.AddObserver("WarningEvent", hear)
        core.vtkOutputWindow.SetInstance(self._window)

    def uninstall(self) -> None:
        if self._window is not None:
            sys.modules["vtkmodules.vtkCommonCore"].vtkOutputWindow.SetInstance(None)
            self._window = None

    def take(self) -> list[str]:
        """The messages since the last call."""
        self.install()
        taken, self._messages = self._messages, []
        return taken
