"""How much body a dose is spread over: the masses and the surface that SUV is told by.

James: 1.10 W - 128 (W/H)² kg for men, 1.07 W - 148 (W/H)² for women (H in cm); the variant with 120 for men stands in
much software (PS3.3 C.8.9.1.1.3 calls it LBM). Janmahasatian: 9270 W / (6680 + 216 BMI), 9270 W / (8780 + 244 BMI).
Surface by DuBois: 0.007184 W^0.425 H^0.725 m². Ideal weight: 48.0 + 1.06 (H - 152), 45.5 + 0.91 (H - 152) kg.
"""

import math
from collections.abc import Callable
from typing import Final

from workstation.imaging.suv_values import Kind, NoSuv, Trace, tag

LEAST_KG, MOST_KG = 0.4, 500.0
LEAST_M, MOST_M = 0.3, 2.5

_Formula = Callable[[float, float, bool], float]


def _james(of_men: float) -> _Formula:
    def lean_kg(weight_kg: float, height_cm: float, male: bool) -> float:
        square = (weight_kg / height_cm) ** 2
        return 1.10 * weight_kg - of_men * square if male else 1.07 * weight_kg - 148.0 * square

    return lean_kg


def _janmahasatian(weight_kg: float, height_cm: float, male: bool) -> float:
    index = weight_kg / (height_cm / 100.0) ** 2
    return 9270.0 * weight_kg / (6680.0 + 216.0 * index if male else 8780.0 + 244.0 * index)


def _surface_cm2(weight_kg: float, height_cm: float, male: bool) -> float:
    return 71.84 * math.pow(weight_kg, 0.425) * math.pow(height_cm, 0.725)


def _ideal_kg(weight_kg: float, height_cm: float, male: bool) -> float:
    return 48.0 + 1.06 * (height_cm - 152.0) if male else 45.5 + 0.91 * (height_cm - 152.0)


FORMULAS: Final[dict[Kind, tuple[str, _Formula]]] = {
    Kind.LBM_JAMES128: ("lean body mass, James", _james(128.0)),
    Kind.LBM_JAMES120: ("lean body mass, James with 120 for men", _james(120.0)),
    Kind.LBM_JANMA: ("lean body mass, Janmahasatian", _janmahasatian),
    Kind.BSA: ("body surface area, DuBois", _surface_cm2),
    Kind.IBW: ("ideal body weight", _ideal_kg),
}


class Body:
    """A patient's body as the object and a person's edits tell it; each input asked for goes into `trace`."""

    def __init__(self, weight_kg: float | None, height_m: float | None, sex: str, edited: tuple[str, ...]) -> None:
        self._weight_kg, self._height_m, self._sex = weight_kg, height_m, sex.strip().upper()
        self._edited = edited
        self.trace: dict[str, Trace] = {}

    def amount(self, kind: Kind) -> float:
        """Grams of the body, of its surface cm². Raises `NoSuv`."""
        if kind is Kind.BW:
            return 1000.0 * self._weight()
        if kind is Kind.IBW:
            return 1000.0 * self._worked_out(kind, 0.0)
        return self._worked_out(kind, self._weight()) * (1.0 if kind is Kind.BSA else 1000.0)

    def _worked_out(self, kind: Kind, weight_kg: float) -> float:
        name, formula = FORMULAS[kind]
        height_cm = 100.0 * self._height()
        male = False if kind is Kind.BSA else self._is_male()
        amount = formula(weight_kg, height_cm, male)
        if not amount > 0:
            raise NoSuv("PatientSize", f"the {name} of so little body comes out as nothing")
        unit = "cm²" if kind is Kind.BSA else "kg"
        self.trace[name] = Trace(name, f"{amount:.6g} {unit}", "", "worked out of what stands above")
        return amount

    def _weight(self) -> float:
        value = self._sane(self._weight_kg, LEAST_KG, MOST_KG, "PatientWeight", "kg")
        self._note("weight", f"{value:g} kg", "PatientWeight", "weight_kg")
        return value

    def _height(self) -> float:
        value = self._sane(self._height_m, LEAST_M, MOST_M, "PatientSize", "m")
        self._note("height", f"{value:g} m", "PatientSize", "height_m")
        return value

    def _is_male(self) -> bool:
        if self._sex not in ("M", "F"):
            said = f"is {self._sex!r}" if self._sex else "is missing"
            raise NoSuv("PatientSex", f"PatientSex {said}, and the formula is one for men and one for women")
        self._note("sex", self._sex, "PatientSex", "sex")
        return self._sex == "M"

    @staticmethod
    def _sane(value: float | None, least: float, most: float, keyword: str, unit: str) -> float:
        if value is None:
            raise NoSuv(keyword, f"{keyword} is missing or is no number")
        if not least <= value <= most:
            raise NoSuv(keyword, f"{keyword} is {value:g}, which cannot be {unit}")
        return value

    def _note(self, name: str, value: str, keyword: str, edit: str) -> None:
        source = "edited by the reader" if edit in self._edited else "the image's header"
        self.trace[name] = Trace(name, value, tag(keyword), source)
