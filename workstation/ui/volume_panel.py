"""What a 3D tile shows and how, beside the images: presets, opacity by value, light, view and cuts."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from workstation import jobs
from workstation.case import cutting, volume
from workstation.case.state import Case
from workstation.imaging.scene import Scene
from workstation.imaging.transfer import Mode, Shading, TransferFunction, presets_for
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.picture.volume import sampled, transfer_of
from workstation.ui.scene_list import SceneList
from workstation.ui.theme import label
from workstation.ui.volume_chart import TransferChart, histogram
from workstation.ui.volume_colours import ColourEditor
from workstation.ui.volume_cuts import CutButtons

WIDTH_PX: Final = 320
LIST_PX: Final = 168
FLAT: Final = "F8 shows the active tile in 3D."
LIST_KEYS: Final = frozenset((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End))

LIGHTS: Final = (
    ("ambient", "Ambient", "Light that falls on everything alike"),
    ("diffuse", "Diffuse", "Light on what faces it"),
    ("specular", "Highlight", "What shines back as from something wet"),
)
FROM: Final = (
    ("left", "Light from left", "Degrees to the left of the eye that the light comes from"),
    ("above", "Light from above", "Degrees above the eye that the light comes from"),
)
ASIDE_DEG: Final = 80


class _List(QListWidget):
    """While it has the keyboard, keys that move in the list are its own."""

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in LIST_KEYS:
            event.accept()
            return True
        return super().event(event)


class VolumePanel(QWidget):
    """Follows the active tile of a case. `changed` after anything shown here changed."""

    changed = Signal()

    def __init__(self, loader: Loader) -> None:
        super().__init__()
        self.setObjectName("volume")
        self.setFixedWidth(WIDTH_PX)
        self._loader = loader
        self._case: Case | None = None
        self._filling = False
        self._counted: tuple[object, int] | None = None
        self.in_hand: Callable[[], str] = str
        """The command whose tool is in hand."""
        self.list = _List()
        self.list.setAccessibleName("3D presets")
        self.list.setFixedHeight(LIST_PX)
        self.list.currentRowChanged.connect(self._choose)
        self.chart = TransferChart()
        self.chart.changed.connect(self._edited)
        self.colours = ColourEditor()
        self.colours.bar.changed.connect(self._edited)
        self.cuts = CutButtons()
        self.again = self._button("As the preset", "Take back what was changed of the preset", self._as_preset)
        self.uncut = self._button("Bring back what was cut", "Show the whole volume again", self._uncut)
        self.boxes = {
            "light": self._box("Light", "Let light fall on surfaces", self._light),
            "perspective": self._box("Perspective", "Draw what is nearer larger", self._perspective),
            "crosshair": self._box("Crosshair", "Draw where the planes cross", self._crosshair),
            "crop": self._box("Crop box", "Draw the box that cuts, with its handles", self._crop),
            "plane": self._box("Clip plane", "Cut away what lies before a plane", self._plane),
        }
        self.sliders = {name: self._slider(title, tip, partial(self._shine, name)) for name, title, tip in LIGHTS}
        self.aims = {name: self._aim(number, title, tip) for number, (name, title, tip) in enumerate(FROM)}
        self.scenes = SceneList()
        self.note = label("", "quiet")
        self.note.setWordWrap(True)
        self._lay_out()
        self.hide()

    def _button(self, title: str, tip: str, act: Any) -> QPushButton:
        button = QPushButton(title)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(act)
        return button

    def _box(self, title: str, tip: str, act: Any) -> QCheckBox:
        box = QCheckBox(title)
        box.setToolTip(tip)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.clicked.connect(lambda on: self._change(lambda case, number: act(case, number, on)))
        return box

    def _slider(self, title: str, tip: str, act: Any) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 100)
        slider.setAccessibleName(f"{title}, percent")
        slider.setToolTip(tip)
        slider.valueChanged.connect(lambda value: self._change(lambda case, number: act(case, number, value / 100)))
        return slider

    def _aim(self, number: int, title: str, tip: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(-ASIDE_DEG, ASIDE_DEG)
        slider.setAccessibleName(f"{title}, degrees")
        slider.setToolTip(tip)
        slider.valueChanged.connect(
            lambda value: self._change(lambda case, at: self._turn_light(number, case, at, value))
        )
        return slider

    def _lay_out(self) -> None:
        outer, area, inner = QVBoxLayout(self), QScrollArea(), QWidget()
        outer.setContentsMargins(0, 0, 0, 0)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        outer.addWidget(area)
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(6, 6, 6, 6)
        whole.addWidget(label("3D", "quiet"))
        whole.addWidget(self.list)
        whole.addWidget(self.chart)
        whole.addWidget(self.colours)
        ticks = QGridLayout()
        for number, each in enumerate(self.boxes.values()):
            ticks.addWidget(each, number // 2, number % 2)
        whole.addLayout(ticks)
        whole.addWidget(self.cuts)
        for name, title, _ in (*LIGHTS, *FROM):
            row = QHBoxLayout()
            row.addWidget(label(title, "quiet"), 1)
            row.addWidget(self.sliders.get(name) or self.aims[name], 2)
            whole.addLayout(row)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addWidget(self.uncut)
        whole.addLayout(buttons)
        whole.addWidget(self.scenes)
        whole.addWidget(self.note)
        whole.addStretch(1)

    # ------------------------------------------------------------------ case

    def show_case(self, case: Case | None) -> None:
        """Follow another case; of one before nothing stays."""
        self._case, self._counted = case, None
        if case is None:
            self.hide()
        self.follow()

    def open(self) -> None:
        self.show()
        self.follow()

    def _scene(self) -> Scene | None:
        case = self._case
        return case.tiles[case.active].scene if case is not None and case.active < len(case.tiles) else None

    def _voxels(self) -> Voxels | None:
        case = self._case
        key = case.tiles[case.active].display_set if case is not None and case.active < len(case.tiles) else None
        loading = self._loader.get(key) if key else None
        return loading.voxels if loading is not None else None

    def follow(self) -> None:
        """Show what the active tile shows now."""
        if self.isHidden():
            return
        scene, voxels = self._scene(), self._voxels()
        own = (self.list, self.chart, self.colours, self.again, self.uncut)
        self.cuts.follow(self.in_hand())
        for each in (*own, *self.boxes.values(), *self.sliders.values(), *self.aims.values()):
            each.setEnabled(scene is not None)
            if scene is None:
                each.setStatusTip(FLAT)
        self.note.setText("" if scene is not None else FLAT)
        if scene is None or voxels is None:
            self.chart.show_transfer(None)
            self.colours.bar.show_transfer(None)
            self.list.clear()
            return
        self._filling = True
        self._fill(scene, voxels)
        self._filling = False
        self._count(voxels)

    def _fill(self, scene: Scene, voxels: Voxels) -> None:
        presets = presets_for(voxels.display_set.first.Modality)
        if [self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count())] != [
            each.name for each in presets
        ]:
            self.list.clear()
            for number, each in enumerate(presets, start=1):
                item = QListWidgetItem(f"{number}  {each.title}")
                item.setData(Qt.ItemDataRole.UserRole, each.name)
                item.setToolTip(each.help)
                self.list.addItem(item)
        names = [each.name for each in presets]
        self.list.setCurrentRow(names.index(scene.preset) if scene.preset in names else -1)
        transfer = transfer_of(scene, voxels)
        self.chart.show_transfer(transfer)
        self.colours.bar.show_transfer(transfer)
        self.again.setEnabled(scene.transfer is not None)
        self.uncut.setEnabled(cutting.Cutting.of(scene) != cutting.Cutting())
        on = {
            "light": scene.shaded and transfer.shading is not None,
            "perspective": not scene.camera.is_parallel,
            "crosshair": scene.crosshair,
            "crop": scene.box,
            "plane": scene.plane is not None,
        }
        for name, box in self.boxes.items():
            box.setChecked(on[name])
        self.boxes["light"].setEnabled(transfer.mode is Mode.COMPOSITE)
        shading = transfer.shading or Shading()
        for name, slider in self.sliders.items():
            slider.setEnabled(on["light"])
            slider.setValue(round(getattr(shading, name) * 100))
        for aim, degrees in zip(self.aims.values(), scene.light_deg, strict=True):
            aim.setEnabled(on["light"])
            aim.setValue(round(degrees))

    def _count(self, voxels: Voxels) -> None:
        """The histogram of the series, counted in a job whenever more of it has come."""
        counted = (voxels.shared, voxels.arrived)
        if counted == self._counted or not voxels.arrived:
            return
        self._counted = counted
        jobs.run(
            "Counting values",
            lambda job: histogram(sampled(voxels)),
            lambda found: self._show_counted(counted, found, voxels.unit),
            piece=True,
        )

    def _show_counted(self, counted: tuple[object, int], found: Any, unit: str) -> None:
        if counted == self._counted:
            value_range, counts = found
            self.chart.show_histogram(value_range, counts, unit)
            self.changed.emit()

    # ------------------------------------------------------------------ hand

    def _change(self, act: Any) -> None:
        """Do something to the active tile because a person did something here."""
        if not self._filling and self._case is not None and self._scene() is not None:
            act(self._case, self._case.active)
            self.changed.emit()

    def _choose(self, row: int) -> None:
        item = self.list.item(row) if row >= 0 else None
        if item is not None:
            name = item.data(Qt.ItemDataRole.UserRole)
            self._change(lambda case, number: volume.set_preset(case, number, name))

    def _edited(self, transfer: TransferFunction) -> None:
        self._change(lambda case, number: volume.set_transfer(case, number, transfer))

    def _as_preset(self, _: bool = False) -> None:
        self._change(lambda case, number: volume.change(case, number, lambda scene: replace(scene, transfer=None)))

    def _uncut(self, _: bool = False) -> None:
        self._change(cutting.uncut)

    def _light(self, case: Case, number: int, on: bool) -> None:
        volume.change(case, number, lambda scene: replace(scene, shaded=on))

    def _perspective(self, case: Case, number: int, on: bool) -> None:
        volume.change(case, number, lambda scene: scene.with_perspective(on))

    def _crosshair(self, case: Case, number: int, on: bool) -> None:
        volume.change(case, number, lambda scene: replace(scene, crosshair=on))

    def _crop(self, case: Case, number: int, on: bool) -> None:
        volume.change(case, number, lambda scene: replace(scene, box=on))

    def _plane(self, case: Case, number: int, on: bool) -> None:
        scene = self._scene()
        if scene is not None and (scene.plane is not None) is not on:
            cutting.toggle_plane(case, number)

    def _shine(self, name: str, case: Case, number: int, part: float) -> None:
        voxels, scene = self._voxels(), self._scene()
        if voxels is None or scene is None:
            return
        transfer = transfer_of(scene, voxels)
        shading = replace(transfer.shading or Shading(), **{name: part})
        volume.set_transfer(case, number, replace(transfer, shading=shading))

    def _turn_light(self, which: int, case: Case, number: int, degrees: float) -> None:
        def turned(scene: Scene) -> Scene:
            left, above = scene.light_deg
            return replace(scene, light_deg=(degrees, above) if which == 0 else (left, degrees))

        volume.change(case, number, turned)

    def has_keyboard(self) -> bool:
        """Whether keys go here and not to the images."""
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def facts(self) -> dict[str, Any] | None:
        """What is shown, and where on the screen the chart begins; None while it is hidden."""
        if self.isHidden():
            return None
        corner = self.chart.mapToGlobal(QPoint(0, 0))
        presets = [self.list.item(row).text() for row in range(self.list.count())]
        chosen = self.list.currentItem()
        return {
            "presets": presets,
            "chosen": chosen.data(Qt.ItemDataRole.UserRole) if chosen is not None else None,
            "chart": [corner.x(), corner.y()],
            **self.chart.facts(),
            **self.colours.bar.facts(),
            "cuts": self.cuts.facts(),
            "scenes": self.scenes.titles(),
            "on": sorted(name for name, box in self.boxes.items() if box.isChecked()),
        }
