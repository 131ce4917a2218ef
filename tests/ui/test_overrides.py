"""An error that C raised in a method that Qt calls comes out as what it is; the program goes on."""

import os
import subprocess
import sys

FAILING = """
import workstation.ui
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget

class Widget(QWidget):
    def event(self, event):
        if event.type() == QEvent.Type.User:
            {"a": 1}["a missing key"]
        return super().event(event)

    def paintEvent(self, event):
        int("no number")

program = QApplication([])
widget = Widget()
for call in (lambda: QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.User)), widget.grab):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, error.args[0].rpartition("(): ")[2])
widget.deleteLater()
print("goes on")
"""


def test_an_error_below_qt_is_raised_where_qt_was_called() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", FAILING]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    said = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert said == ["KeyError a missing key", "ValueError invalid literal for int() with base 10", "goes on"]
    assert done.returncode == 0, done.stderr
