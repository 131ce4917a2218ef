"""The pages of the window by name, one of them in front. Those seldom opened are made when they are."""

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget, QWidget


class Pages(QStackedWidget):
    """Each page has a name and a widget that gets the keyboard when it comes to the front."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(640, 360)  # no page makes the window larger than its screen
        self._made: dict[str, tuple[QWidget, QWidget]] = {}
        self._seldom: dict[str, Callable[[], tuple[QWidget, QWidget]]] = {}
        self._before_crash = ""

    def put(self, name: str, page: QWidget, focus: QWidget | None = None) -> None:
        """Another page; `focus` gets its keyboard, or the page itself."""
        self._made[name] = page, focus or page
        self.addWidget(page)

    def put_seldom(self, name: str, make: Callable[[], tuple[QWidget, QWidget]]) -> None:
        """A page that is made once it is asked for, with what gets its keyboard."""
        self._seldom[name] = make

    def is_made(self, name: str) -> bool:
        return name in self._made

    def made(self, name: str) -> QWidget:
        """The page of this name; made now where it was not yet."""
        if name not in self._made:
            self.put(name, *self._seldom[name]())
        return self._made[name][0]

    @property
    def front(self) -> str:
        """The name of the page in front."""
        return next(name for name, (page, _) in self._made.items() if page is self.currentWidget())

    def show_page(self, name: str) -> None:
        """Bring a page to the front, with the keyboard."""
        self.setCurrentWidget(self.made(name))
        self.focus()

    def focus(self) -> None:
        """Give the keyboard to what is in front."""
        self._made[self.front][1].setFocus()

    def crashed(self) -> bool:
        """Bring the crash page to the front; False when it is there already."""
        if self.front == "crash":
            return False
        self._before_crash = self.front
        self.show_page("crash")
        return True

    def go_on(self) -> None:
        """Back to what was in front before the crash."""
        self.show_page(self._before_crash or "list")
