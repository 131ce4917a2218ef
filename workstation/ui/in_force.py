"""Keys, mouse and the settings of the tiles, put in force in every window there is."""

from typing import TYPE_CHECKING

from workstation import jobs
from workstation.ui.keys import Keymap, bindings, keymaps

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow


class InForce:
    """What the settings say of keys, mouse and tiles, as the windows obey it."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._settings = window.settings

    @property
    def keymap(self) -> Keymap:
        return keymaps().get(self._settings.text("mouse.preset"), keymaps()["hounsfield"])

    def bind(self) -> None:
        """Put the keys and the mouse of the settings in force."""
        window = self._window
        bound = bindings(self._settings.text("keys.preset"), self._settings.table("keys.overrides"))
        window.keys.bind(bound)
        window.list.say_keys(bound)
        window.reading.say_keys(bound)
        window.elsewhere.bind(bound)
        self.obey()
        if window.pages.is_made("help"):
            window.help.say(bound, self.keymap.mouse)

    def obey(self, name: str = "") -> None:
        """Put the settings of the tiles in force."""
        settings, mouse, reading = self._settings, self.keymap, self._window.reading
        for grid in reading.grids:
            grid.hand.mouse = mouse.mouse
            grid.hand.zoom_sign = -1 if settings.flag("mouse.invert_zoom") else 1
            grid.wheel_sign = 1 if settings.text("mouse.wheel") == "down-is-next" else -1
            grid.accelerated = settings.flag("mouse.acceleration")
            grid.magnifier.size_px = settings.whole("magnifier.size")
            grid.magnifier.factor = settings.number("magnifier.factor")
        reading.findings.opens_itself = settings.flag("tiles.findings")
        reading.arrange(settings.text("tiles.strip") == "right", settings.flag("tiles.coverage"))

    def choose(self, preset: str, own: dict[str, tuple[str, ...]], mouse: str) -> None:
        """Keep another preset of keys or mouse, or keys of one's own, and put them in force."""
        settings = self._settings
        for name, value in (("keys.preset", preset), ("keys.overrides", own), ("mouse.preset", mouse)):
            settings.set(name, value)
        self.bind()
        jobs.run("Save the settings", lambda job: settings.save(), failed=self._window.tell)
        self._window.changed.emit()
