"""What is under way stands in the status line with its count, its time left and a Stop; messages are kept."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QVBoxLayout, QWidget

from workstation import jobs
from workstation.ui.health import Asked
from workstation.ui.status_line import MESSAGES_KEPT, StatusLine
from workstation.ui.underway import time_left, underway


@pytest.fixture
def line(qapp: QApplication) -> Iterator[StatusLine]:
    window = QWidget()
    window.resize(1280, 400)
    made = StatusLine()
    layout = QVBoxLayout(window)
    layout.addStretch(1)
    layout.addWidget(made)
    window.show()
    yield made
    made.end()
    window.close()
    jobs.shutdown()
    jobs.drain()


class Work:
    """A job that goes on until it is let go or stopped; `begun` once a thread has it."""

    def __init__(self, title: str, long_ago_s: float = 10.0) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        self._long_ago_s = long_ago_s
        self.job = jobs.run(title, self._work, failed=lambda error: None)
        assert self.begun.wait(60)

    def _work(self, job: jobs.Job) -> None:
        job.started -= self._long_ago_s
        job.progress(10, 40)
        self.begun.set()
        while not self.let_go.wait(0.005):
            job.check()

    def end(self) -> None:
        self.let_go.set()
        jobs.shutdown()


def test_a_job_is_shown_with_count_time_left_and_stop_once_it_has_lasted(line: StatusLine) -> None:
    fresh = Work("Fresh", long_ago_s=0.0)
    now_s = fresh.job.started
    assert underway([fresh.job], now_s + 0.49) == ()
    assert [each.title for each in underway([fresh.job], now_s + 0.51)] == ["Fresh"]
    fresh.end()
    work = Work("Import")
    line.look()
    assert line.row.isVisible()
    assert (line.row.title.text(), line.row.bar.value(), line.row.bar.maximum()) == ("Import", 10, 40)
    assert line.row.count.text() == "10 of 40, 30 s left"  # 10 took 10 s
    line.row.stop.click()
    jobs.shutdown()
    assert work.job.cancelled and work.job.finished
    line.look()
    assert not line.row.isVisible()


def test_turns_of_loading_are_no_jobs_of_their_own() -> None:
    job = jobs.Job("Load 54 images", piece=True)
    assert underway([job], job.started + 10) == ()


def test_the_clock_runs_only_while_there_are_jobs(line: StatusLine) -> None:
    assert not line._clock.isActive()
    work = Work("Import")
    jobs.drain()
    assert line._clock.isActive() and line._clock.interval() == 250
    work.end()
    line.look()
    assert not line._clock.isActive()


def test_several_jobs_are_a_number_that_opens_a_list_with_a_stop_each(line: StatusLine) -> None:
    first, second = Work("First"), Work("Second")
    line.look()
    assert line.more.isVisible() and line.more.text() == "2 jobs"
    line.more.click()
    assert line.drawer is not None
    rows = line._job_list.rows
    assert [row.title.text() for row in rows] == ["First", "Second"]
    rows[1].stop.click()
    assert second.job.cancelled and not first.job.cancelled
    QTest.keyClick(line._job_list, Qt.Key.Key_Escape)
    assert line.drawer is None
    assert line.can_stop
    line.stop_first()
    assert first.job.cancelled
    assert not line.can_stop
    jobs.shutdown()


def test_nothing_in_the_line_moves_when_a_job_comes_and_goes(line: StatusLine) -> None:
    def places() -> list[object]:
        QApplication.processEvents()
        return [line.message.x(), line.memory.x(), line.memory.width(), line.health.x()]

    before = places()
    work = Work("Import")
    line.look()
    assert places() == before
    work.end()
    line.look()
    assert places() == before


def test_loading_is_shown_at_once_and_can_be_stopped(line: StatusLine) -> None:
    wanted: list[None] = []
    line.loading_stopped.connect(lambda: wanted.append(None))
    line.say_loading(3, 54)
    assert line.loading_text == "Loading: 3 of 54"
    assert line.row.isVisible() and line.row.count.text().startswith("3 of 54")
    QTest.mouseClick(line.row.stop, Qt.MouseButton.LeftButton)
    assert wanted == [None] and not line.row.stop.isEnabled()
    line.say_loading(54, 54)
    assert line.loading_text == "" and not line.row.isVisible()


def test_the_last_fifty_messages_are_kept_newest_first_and_a_long_one_is_whole_in_its_tooltip(line: StatusLine) -> None:
    for number in range(60):
        line.say(f"Sentence {number}.")
    line.say("Sentence 59.")
    line.say("")
    assert line.messages == tuple(f"Sentence {number}." for number in range(10, 60))
    assert len(line.messages) == MESSAGES_KEPT
    QTest.mouseClick(line.message, Qt.MouseButton.LeftButton)
    assert line.drawer is not None
    listed = line.drawer.findChild(QListWidget)
    assert [listed.item(0).text(), listed.item(49).text()] == ["Sentence 59.", "Sentence 10."]
    line.drawer.shut()
    long = "A sentence that says what to do. " * 20
    line.say(long)
    QApplication.processEvents()
    assert line.message.drawn != long and line.message.toolTip().startswith(long)
    assert line.message.accessibleName() == long == line.message.text()


def test_time_left_is_said_as_people_do() -> None:
    assert [time_left(each) for each in (0.2, 59.6, 240, 6000)] == ["1 s", "60 s", "4 min", "2 h"]


def test_short_jobs_change_nothing_that_can_be_seen(line: StatusLine) -> None:
    changes: list[None] = []
    line.changed.connect(lambda: changes.append(None))
    work = Work("Write the state", long_ago_s=0.0)
    jobs.drain()
    work.end()
    line.look()
    assert changes == []


@pytest.mark.parametrize("points", [10, 16])
def test_the_memory_is_never_cut(line: StatusLine, points: int) -> None:
    line.setStyleSheet(f"* {{ font-size: {points}pt; }}")
    line.say_memory(12_345_000_000)
    QApplication.processEvents()
    assert line.memory.text() == "Memory 12345 MB"
    assert line.memory.fontMetrics().horizontalAdvance(line.memory.text()) <= line.memory.width()


def test_a_message_has_the_room_of_the_job_while_there_is_none(line: StatusLine) -> None:
    sentence = "As it was when it was parked. Opening it again returns to where it was."
    line.say(sentence)
    line.say_memory(12_345_000_000)
    QApplication.processEvents()
    assert line.message.drawn == sentence


def test_what_more_there_is_to_say_stands_in_the_tooltip_and_in_the_list(line: StatusLine) -> None:
    more = "Whoever can read the files of this account can read the studies. A passphrase would keep it better."
    line.say("The key lies in a file.", more)
    QApplication.processEvents()
    assert line.message.drawn == line.message.text() == "The key lies in a file."
    assert more in line.message.toolTip() and line.messages == (f"The key lies in a file. {more}",)


def test_a_job_that_ended_leaves_its_room_to_the_sentence_that_tells_of_it(line: StatusLine) -> None:
    work = Work("Save findings")
    line.look()
    assert not line.row.isHidden()
    work.end()
    line.say("Saved 2 findings and 1 key image; they stay on this computer: this study came from no archive.")
    assert line.row.isHidden()


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        (10, "Bergström-Hellqvist, Anna Maria  2023-01-02  CT thorax before treatment: all 20 objects are here."),
        (16, "× Anna Maria Berg: archive: nothing listens on port 104; it is tried again."),
    ],
)
def test_a_new_message_is_read_whole_while_a_job_is_under_way(line: StatusLine, points: int, sentence: str) -> None:
    line.setStyleSheet(f"* {{ font-size: {points}pt; }}")
    line.window().resize(1280 - 330, 400)  # beside the buttons of the window
    line.say_memory(12_345_000_000)
    work = Work("Import")
    line.look()
    line.say(sentence)
    QApplication.processEvents()
    assert line.message.drawn == sentence
    assert line.row.isVisible() and line.row.bar.isVisible() and "Import: 10 of 40" in line.row.bar.toolTip()
    line._new.stop()
    line._new.timeout.emit()  # it was read
    QApplication.processEvents()
    assert line.message.drawn == "" and line.message.text() == sentence in line.message.toolTip()
    assert line.row.title.isVisible() and line.row.stop.isVisible()
    work.end()


def test_a_message_that_has_room_moves_nothing(line: StatusLine) -> None:
    work = Work("Import")
    line.look()
    QApplication.processEvents()
    before = [line.row.x(), line.memory.x(), line.health.x()]
    line.say("Saved.")
    QApplication.processEvents()
    assert line.message.drawn == "Saved." and line.row.stop.isVisible()
    assert [line.row.x(), line.memory.x(), line.health.x()] == before
    work.end()


@pytest.mark.parametrize("points", [10, 16])
def test_what_failed_stands_first_and_no_warning_gives_way_to_news(line: StatusLine, points: int) -> None:
    failed = "▲ 1 send failed, tried again at 14:32"
    line.setStyleSheet(f"* {{ font-size: {points}pt; }}")
    line.window().resize(1280 - 330, 400)  # beside the buttons of the window
    line.what_failed = lambda: failed
    line.look()
    line.health.say_archives([Asked("one"), Asked("two", "it refuses")])
    line.say("Bergström-Hellqvist, Anna Maria  2023-01-02  CT thorax before treatment: all 20 objects are here.")
    QApplication.processEvents()
    assert line.failing.drawn == failed and line.failing.objectName() == "warning"
    assert line.failing.geometry().right() < line.message.x() and not line.row.isVisible()
    archives = line.health.archives
    assert archives.isVisible() and archives.text().startswith("▲ 1")
    right = archives.mapTo(line, archives.rect().topRight()).x()
    assert archives.fontMetrics().horizontalAdvance(archives.text()) <= archives.width() and right < line.width()
    line._new.stop()
    line._new.timeout.emit()  # its time is over
    assert line.message.drawn == "" and line.failing.isVisible()
    line.what_failed = str
    line.look()
    assert line.failing.isHidden()


def test_a_message_said_anew_stands_again(line: StatusLine) -> None:
    for _ in range(2):
        line.say("Saved.")
        QApplication.processEvents()
        assert line.message.drawn == "Saved." and line._new.isActive() and line._new.interval() == 8000
        line._new.stop()
        line._new.timeout.emit()
        assert line.message.drawn == "" and line.messages == ("Saved.",)
