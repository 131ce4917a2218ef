"""Branching vessels and airways: grown point by point, thickened by Murray's law, stamped slice by slice."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.canvas import Canvas, Image
from workstation.phantom.grid import Vector

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Beads:
    """A tree as overlapping balls, sorted by z: `centers_lps` (n, 3) and `radii_mm` (n,)."""

    centers_lps: Floats
    radii_mm: Floats

    def thicker(self, by_mm: float) -> "Beads":
        """The same tree with a wall around it."""
        return Beads(self.centers_lps, self.radii_mm + by_mm)

    def without(self, spheres: list[tuple[Vector, float]]) -> "Beads":
        """The same without beads that reach into (center, radius) spheres."""
        keep = np.ones(len(self.radii_mm), bool)
        for center, radius in spheres:
            keep &= np.linalg.norm(self.centers_lps - np.array(center), axis=1) > radius + self.radii_mm
        return Beads(self.centers_lps[keep], self.radii_mm[keep])


def grow(
    rng: np.random.Generator,
    root_lps: Vector,
    targets_lps: Floats,
    tip_radius_mm: float,
    thrift: float = 0.45,
    exponent: float = 2.7,
) -> Beads:
    """A tree from a root to every target.

    Nearest targets join first, each where way to the tree plus `thrift` times the way back to the root is least:
    0 makes the shortest tree (winding), 1 straight spokes. A parent's radius to the power `exponent` is the sum of
    its children's.
    """
    order = np.argsort(np.linalg.norm(targets_lps - np.array(root_lps), axis=1))
    nodes = np.vstack([np.array(root_lps), targets_lps[order]])
    parents = np.zeros(len(nodes), int)
    way_back = np.zeros(len(nodes))
    axes = np.ascontiguousarray(nodes.T)
    for new in range(1, len(nodes)):
        away = axes[:, :new] - axes[:, new, None]
        ways = np.sqrt(np.einsum("ij,ij->j", away, away))
        parents[new] = int(np.argmin(ways + thrift * way_back[:new]))
        way_back[new] = ways[parents[new]] + way_back[parents[new]]
    flow = np.zeros(len(nodes))
    for node in range(len(nodes) - 1, 0, -1):
        flow[node] += flow[node] == 0
        flow[parents[node]] += flow[node]
    return _beads(rng, nodes, parents, tip_radius_mm * flow ** (1 / exponent))


def _beads(rng: np.random.Generator, nodes: Floats, parents: NDArray[np.int_], radii: Floats) -> Beads:
    """Balls every half radius along each branch, which bends a little sideways."""
    starts, ends, thickness = nodes[parents[1:]], nodes[1:], radii[1:]
    lengths = np.linalg.norm(ends - starts, axis=1)
    bends = rng.standard_normal(starts.shape) * lengths[:, None] * 0.08
    counts = np.ceil(lengths / (0.5 * np.maximum(thickness, 0.6))).astype(int) + 1
    branch = np.repeat(np.arange(len(lengths)), counts)
    step = np.arange(len(branch)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (step / np.maximum(counts[branch] - 1, 1))[:, None]
    centers = starts[branch] * (1 - share) + ends[branch] * share + 4 * share * (1 - share) * bends[branch]
    order = np.argsort(centers[:, 2], kind="stable")
    return Beads(centers[order], thickness[branch][order])


def stamp(canvas: Canvas, beads: Beads) -> Image:
    """The share of each voxel of a slice that a tree fills, 0..1, thin branches in thick slices being faint."""
    cover = np.zeros(canvas.x.shape, np.float32)
    if min(cover.shape) < 2:
        return cover
    reach = float(beads.radii_mm.max(initial=0.0)) + canvas.slice_mm / 2
    first, last = np.searchsorted(beads.centers_lps[:, 2], (canvas.z_mm - reach, canvas.z_mm + reach))
    centers, radii = beads.centers_lps[first:last], beads.radii_mm[first:last]
    away = np.abs(centers[:, 2] - canvas.z_mm)
    half = canvas.slice_mm / 2
    squared = radii**2 - np.maximum(away - half, 0) ** 2
    share = np.clip((half + radii - away) / canvas.slice_mm, 0, np.minimum(1, 2 * radii / canvas.slice_mm))
    seen = (squared > 0) & (share > 0)
    discs = np.sqrt(squared[seen])
    # A disc smaller than a pixel fills only its own area of it.
    share = share[seen] * np.minimum(1, np.pi * discs**2 / canvas.pixel_mm**2)
    reaches = np.ceil(discs / canvas.pixel_mm + 0.5).astype(int)
    for pixels in np.unique(reaches):
        same = reaches == pixels
        _stamp_discs(canvas, cover, centers[seen][same, :2], discs[same], share[same], int(pixels))
    return cover


def _stamp_discs(canvas: Canvas, cover: Image, centers: Floats, discs: Floats, share: Floats, pixels: int) -> None:
    spacing_x = float(canvas.x_mm[0, 1] - canvas.x_mm[0, 0])
    spacing_y = float(canvas.y_mm[1, 0] - canvas.y_mm[0, 0])
    offsets = np.arange(-pixels, pixels + 1)
    columns = np.rint((centers[:, 0] - canvas.x_mm[0, 0]) / spacing_x).astype(int)[:, None, None] + offsets
    rows = np.rint((centers[:, 1] - canvas.y_mm[0, 0]) / spacing_y).astype(int)[:, None, None] + offsets[:, None]
    rows, columns = np.clip(rows, 0, cover.shape[0] - 1), np.clip(columns, 0, cover.shape[1] - 1)
    ways = np.hypot(
        canvas.x_mm[0, columns] - centers[:, 0, None, None], canvas.y_mm[rows, 0] - centers[:, 1, None, None]
    )
    filled = np.clip((discs[:, None, None] - ways) / canvas.pixel_mm + 0.5, 0, 1) * share[:, None, None]
    np.maximum.at(cover, (rows, columns), filled.astype(np.float32))


def joined(trees: list[Beads]) -> Beads:
    """Several trees as one."""
    centers = np.concatenate([tree.centers_lps for tree in trees])
    radii = np.concatenate([tree.radii_mm for tree in trees])
    order = np.argsort(centers[:, 2], kind="stable")
    return Beads(centers[order], radii[order])


def strewn(
    rng: np.random.Generator, low_lps: Vector, high_lps: Vector, count: int, radii_mm: tuple[float, float], steps: int
) -> Beads:
    """Short winding threads of `steps` beads in a box: small vessels and nodes in fat."""
    starts = rng.uniform(low_lps, high_lps, (count, 3))
    radii = np.exp(rng.uniform(np.log(radii_mm[0]), np.log(radii_mm[1]), count))
    headings = rng.standard_normal((count, 1, 3)) + 0.5 * rng.standard_normal((count, steps, 3))
    ways = np.cumsum(headings / np.linalg.norm(headings, axis=2, keepdims=True), axis=1)
    # Thin ones are long, thick ones are lumps.
    reach = (0.9 * radii * np.clip(1.6 / radii, 0.3, 1.2))[:, None, None]
    centers = (starts[:, None] + ways * reach).reshape(-1, 3)
    order = np.argsort(centers[:, 2], kind="stable")
    return Beads(centers[order], np.repeat(radii, steps)[order])
