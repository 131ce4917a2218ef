"""No thread but the main one collects what a test of windows left in cycles."""

import gc
import threading
import weakref

from PySide6.QtWidgets import QApplication, QWidget


def test_other_threads_collect_no_window(qapp: QApplication) -> None:
    died_on: list[str] = []

    class Cycle(QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.myself = self
            weakref.finalize(self, lambda: died_on.append(threading.current_thread().name))

    Cycle()
    thread = threading.Thread(target=gc.collect, name="elsewhere")
    thread.start()
    thread.join()
    assert died_on == []
    assert gc.collect() > 0
    assert died_on == [threading.main_thread().name]
