"""A line through the patient that planes are unrolled along: smooth, measured in mm, with a frame that does not twist.

What is kept and edited are its control points (LPS, mm). Everything else follows from them: a cubic spline through
them (centripetal, so that unevenly set points make no loops), sampled evenly in arc length, with tangents and two
directions across that turn about the line as little as can be (Wang et al. 2008, double reflection).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.late import load_scipy

Points = NDArray[np.float64]

MOST_CONTROL_POINTS: Final = 500
LONGEST_MM: Final = 5_000.0
"""Of one line: no body is longer, and its sampled points stay few."""

STEP_MM: Final = 0.5
APART_MM: Final = 1e-3
_FINE: Final = 64
"""Pieces each stretch between control points is measured in; the arc length of a spline has no closed form."""


@dataclass(frozen=True, eq=False)
class Place:
    """A place on the line: its point (LPS, mm) and three unit vectors, `along` it and `across` and `aside` of it."""

    point_lps: Vec3
    along: Vec3
    across: Vec3
    aside: Vec3


@dataclass(frozen=True, eq=False)
class Centerline:
    """A smooth line through `control_lps`; arrays have shape (n, 3) and lie at `arcs_mm`, evenly spaced from 0.

    `across` and `along` are perpendicular unit vectors. Make one with `centerline`.
    """

    control_lps: tuple[Vec3, ...]
    arcs_mm: Points
    points_lps: Points
    along: Points
    across: Points
    control_arcs_mm: tuple[float, ...]

    @property
    def length_mm(self) -> float:
        return float(self.arcs_mm[-1])

    @cached_property
    def aside(self) -> Points:
        """The third direction, perpendicular to the line and to `across`."""
        return np.asarray(np.cross(self.along, self.across))

    def place(self, arc_mm: float) -> Place:
        """The place at an arc length, held to the line's ends."""
        point, along, across = (self._at(each, arc_mm) for each in (self.points_lps, self.along, self.across))
        along = along / np.linalg.norm(along)
        across = across - along * float(across @ along)
        across = across / np.linalg.norm(across)
        return Place(vec(point), vec(along), vec(across), vec(np.cross(along, across)))

    def _at(self, values: Points, arc_mm: float) -> Points:
        return np.array([np.interp(arc_mm, self.arcs_mm, values[:, axis]) for axis in range(3)])

    def nearest(self, point_lps: Vec3) -> tuple[float, float]:
        """The arc length of the point of the line nearest to a place, and how far away that is, both mm."""
        start, step = self.points_lps[:-1], np.diff(self.points_lps, axis=0)
        beside = np.asarray(point_lps) - start
        share = np.clip(np.einsum("nx,nx->n", beside, step) / np.einsum("nx,nx->n", step, step), 0.0, 1.0)
        away = np.linalg.norm(beside - share[:, None] * step, axis=1)
        found = int(np.argmin(away))
        arc = self.arcs_mm[found] + share[found] * (self.arcs_mm[found + 1] - self.arcs_mm[found])
        return float(arc), float(away[found])


def centerline(control_lps: Sequence[Vec3], step_mm: float = STEP_MM) -> Centerline:
    """The line through points in their order, sampled about every `step_mm`.

    Points that repeat the one before are left out. Raises `Refused` with NO_EXTENT for fewer than two that lie apart,
    or TOO_LARGE for more points or a longer line than the limits allow.
    """
    control = _apart(control_lps)
    if len(control) < 2:
        raise Refused(Reason.NO_EXTENT, "the line")
    if len(control) > MOST_CONTROL_POINTS:
        raise Refused(Reason.TOO_LARGE, "the line")
    fine, knots = _spline(np.asarray(control))
    arcs = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))))
    length = float(arcs[-1])
    if length > LONGEST_MM:
        raise Refused(Reason.TOO_LARGE, "the line")
    even = np.linspace(0.0, length, max(2, math.ceil(length / step_mm) + 1))
    points = np.stack([np.interp(even, arcs, fine[:, axis]) for axis in range(3)], axis=1)
    along = np.gradient(points, even, axis=0, edge_order=2 if len(even) > 2 else 1)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    of_control = tuple(float(each) for each in arcs[knots])
    return Centerline(tuple(control), even, points, along, _untwisted(points, along), of_control)


def _apart(control_lps: Sequence[Vec3]) -> list[Vec3]:
    apart: list[Vec3] = []
    for point in control_lps:
        if not apart or math.dist(point, apart[-1]) > APART_MM:
            apart.append(point)
    return apart


def _spline(control: Points) -> tuple[Points, NDArray[np.intp]]:
    """Points close together on the spline through `control`, and which of them are the control points."""
    load_scipy()
    from scipy.interpolate import CubicSpline

    chords = np.linalg.norm(np.diff(control, axis=0), axis=1)
    knots = np.concatenate(([0.0], np.cumsum(np.sqrt(chords))))
    pieces = [np.linspace(a, b, _FINE, endpoint=False) for a, b in pairwise(knots)]
    at = np.concatenate([*pieces, knots[-1:]])
    # Fewer than four points have no third derivative to be the same at the second one.
    spline = CubicSpline(knots, control, bc_type="not-a-knot" if len(control) > 3 else "natural")
    return np.asarray(spline(at)), np.arange(len(control)) * _FINE


def _untwisted(points: Points, along: Points) -> Points:
    """A unit vector across the line at each point that turns about the line as little as can be."""
    across = np.empty_like(points)
    across[0] = first_across(vec(along[0]))
    for n in range(len(points) - 1):
        step = points[n + 1] - points[n]
        square = float(step @ step)
        mirrored = across[n] - (2 / square) * float(step @ across[n]) * step
        tangent = along[n] - (2 / square) * float(step @ along[n]) * step
        turn = along[n + 1] - tangent
        square = float(turn @ turn)
        if square > 1e-24:
            mirrored = mirrored - (2 / square) * float(turn @ mirrored) * turn
        mirrored = mirrored - along[n + 1] * float(mirrored @ along[n + 1])
        across[n + 1] = mirrored / np.linalg.norm(mirrored)
    return across


def first_across(along: Vec3) -> Vec3:
    """Where `across` begins: towards the patient's left, or the back where the line itself runs from side to side."""
    direction = np.asarray(along)
    towards = np.array((1.0, 0.0, 0.0)) if abs(direction[0]) < 0.8 else np.array((0.0, 1.0, 0.0))
    towards = towards - direction * float(towards @ direction)
    return vec(towards / np.linalg.norm(towards))
