"""The patient banner: whose study this is, which study, and the prior when the active tile shows one.

Name and ID are never cut: when there is no room for them in one line they take two, in smaller type. Of the rest whole
fields leave, the least important first; the tooltip says them all.
"""

import html
import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workstation.case.state import Case, identity
from workstation.picture.text import NO_NAME, age, as_date, date, person_name
from workstation.ui.elided import ElidedFields
from workstation.ui.theme import label, signed

BANNER_PX: Final = 32
"""Its height with text of the usual size; with larger text it is as high as two lines of name and ID need."""
BETWEEN: Final = "  ·  "
SHARE_OF_WHO: Final = 0.6
"""Of the banner's width that name and ID may take in one line."""

PADDING_PX: Final = 32
"""Around name and ID, with some room for letters that run wider in bold."""

SIZES: Final = ((1.15, False), (0.85, True), (0.7, True), (0.5, True))
"""Size of name and ID beside that of other text, and whether they stand in two lines: the first that fits."""

LEAVING: Final = (5, 3, 2, 1, 4, 0)
"""Places in `Words.about` of accession, description, age, sex, study date, birth date: as they leave."""

DESCRIPTION: Final = 3

AUDIENCE: Final = "Audience view"


@dataclass(frozen=True)
class Words:
    """What the banner says; empty where there is nothing to say."""

    name: str = ""
    patient_id: str = ""
    about: tuple[str, ...] = ()
    """Birth date, sex, age, description, study date, accession; empty where one is not known and not missed."""

    prior: str = ""
    guard: str = ""
    guard_names: str = ""

    @property
    def rest(self) -> str:
        return BETWEEN.join(filter(None, self.about))

    @property
    def text(self) -> str:
        return BETWEEN.join(part for part in (self.guard, self.name, self.patient_id, self.rest, self.prior) if part)


def words(case: Case) -> Words:
    """Whose study the active tile shows, by the case's own study; of a prior its date beside it."""
    current = case.first
    if current is None:
        return Words(about=("This study holds no images.",))
    tile = case.tiles[case.active] if case.tiles else None
    shown = case.sets[tile.display_set].first if tile and tile.display_set else current
    first = current if identity(shown) == identity(current) else shown
    patient = first.patient
    about = (
        date(patient.PatientBirthDate) or "birth date unknown",
        patient.PatientSex or "sex unknown",
        age(first),
        first.StudyDescription,
        date(first.StudyDate) or "study date unknown",
        f"Acc {first.AccessionNumber}" if first.AccessionNumber else "",
    )
    guard, names = _guard(case)
    prior = prior_text(current.StudyDate, tile.study_date or shown.StudyDate) if tile and tile.prior else ""
    if case.audience:
        return Words(about=(AUDIENCE, first.StudyDescription, about[4]), prior=prior, guard=guard)
    return Words(
        name=person_name(patient.PatientName) or NO_NAME,
        patient_id=patient.PatientID or "no ID",
        about=about,
        prior=prior,
        guard=guard,
        guard_names=names,
    )


def _guard(case: Case) -> tuple[str, str]:
    """A sentence when tiles on screen show more than one patient (safety.md 2), and who they are."""
    firsts = case.patients
    if len(firsts) < 2:
        return "", ""
    who = (f"{person_name(each.patient.PatientName) or NO_NAME}, {each.patient.PatientID}" for each in firsts.values())
    return signed("warning", f"{len(firsts)} patients are in this layout"), "\n".join(who)


def prior_text(current: str, prior: str) -> str:
    """The date of a prior and how much earlier it is, under its sign: "◆ PRIOR  2024-03-01, 8 months earlier"."""
    now, then = as_date(current), as_date(prior)
    if now is None or then is None:
        return signed("prior", date(prior) or "date unknown")
    return signed("prior", f"{then.isoformat()}, {earlier((now - then).days)}")


def earlier(days: int) -> str:
    """How much earlier, as people say it; never rounded up past the next larger unit."""
    if days < 1:
        return "the same day" if days == 0 else "LATER than this study"
    for least, unit_days, unit in ((730, 365.25, "year"), (60, 30.44, "month"), (21, 7.0, "week"), (1, 1.0, "day")):
        if days >= least:
            count = int(days / unit_days)
            return f"{count} {unit}{'s' if count != 1 else ''} earlier"
    raise AssertionError("days is 1 at least")


class PatientBanner(QWidget):
    """One line that widens no window, `BANNER_PX` high or higher for larger text."""

    def __init__(self) -> None:
        super().__init__()
        self._words = Words()
        self.guard = label("", "warning")
        self.who = label("", "banner")
        self.who.setTextFormat(Qt.TextFormat.RichText)
        self.who.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.who.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rest = ElidedFields("banner", BETWEEN)
        self.prior = label("", "prior")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.guard)
        line.addWidget(self.who)
        line.addWidget(self.rest, 1)
        line.addWidget(self.prior)
        self._fit_height()

    def show_case(self, case: Case | None) -> None:
        """Say what the case is now; cheap when it says the same."""
        said = words(case) if case else Words()
        if said == self._words:
            return
        self._words = said
        self.guard.setText(said.guard)
        self.guard.setToolTip(f"Check whose image each tile shows:\n{said.guard_names}".strip() if said.guard else "")
        self.guard.setVisible(bool(said.guard))
        whole = len(said.about) == len(LEAVING)
        before_audience = (2, 1) if said.about else ()  # the date leaves, then the description
        self.rest.say_fields(said.about, LEAVING if whole else before_audience, DESCRIPTION if whole else 1)
        self.prior.setText(said.prior)
        self.prior.setVisible(bool(said.prior))
        self.prior.setToolTip("The active tile shows an earlier study of this patient." if said.prior else "")
        self.setAccessibleName(said.text)
        self._fit()

    def text(self) -> str:
        """All that it says, nothing cut."""
        return self._words.text

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "prior"):
            self._fit_height()
            self._fit()

    def _fit_height(self) -> None:
        lines = [(2 if two else 1) * self._lettering(size)[1].height() for size, two in SIZES]
        self.setFixedHeight(max(BANNER_PX, *lines))

    def _fit(self) -> None:
        """Name and ID as large as there is room beside what is said of guard and prior."""
        name, patient_id = self._words.name, self._words.patient_id
        for size, two_lines in SIZES:
            width = self._width_of(name, patient_id, size, two_lines)
            beside = sum(each.sizeHint().width() for each in (self.guard, self.prior) if each.text())
            room = (self.width() - beside) * (SHARE_OF_WHO if (size, two_lines) == SIZES[0] else 0.9)
            if width <= room:
                break
        between = "<br>" if two_lines else " &nbsp; "
        pixels = max(6, round(self.fontInfo().pixelSize() * size))
        self.who.setText(
            f'<span style="font-size:{pixels}px"><b>{html.escape(name)}</b>{between}{html.escape(patient_id)}</span>'
        )
        self.who.setFixedWidth(math.ceil(width) if name else 0)

    def _lettering(self, size: float) -> tuple[QFontMetrics, QFontMetrics]:
        """Plain and bold letters of a size beside that of other text."""
        plain, bold = self.font(), self.font()
        for font in (plain, bold):
            font.setPixelSize(max(6, round(self.fontInfo().pixelSize() * size)))
        bold.setBold(True)
        return QFontMetrics(plain), QFontMetrics(bold)

    def _width_of(self, name: str, patient_id: str, size: float, two_lines: bool) -> float:
        plain, bold = self._lettering(size)
        widths = bold.horizontalAdvance(name), plain.horizontalAdvance(patient_id)
        gap = plain.horizontalAdvance("      ")
        return PADDING_PX + (max(widths) if two_lines else sum(widths) + gap)
