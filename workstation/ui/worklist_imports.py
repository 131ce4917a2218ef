"""Where files come in: dropped onto the page, or chosen in a dialog."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget


class ImportTarget(QWidget):
    """`dropped(paths)` when files are to be imported."""

    dropped = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def choose_folder(self) -> None:
        """Ask for a folder to import."""
        folder = QFileDialog.getExistingDirectory(self, "Import a folder")
        self.window().activateWindow()  # without a window manager nobody else gives it the keyboard
        if folder:
            self.dropped.emit([Path(folder)])

    def choose_files(self) -> None:
        """Ask for files to import."""
        names, _ = QFileDialog.getOpenFileNames(self, "Import files")
        self.window().activateWindow()
        if names:
            self.dropped.emit([Path(name) for name in names])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        dropped = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if dropped:
            event.acceptProposedAction()
            self.dropped.emit(dropped)
