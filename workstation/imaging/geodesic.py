"""The shortest way along a surface from one of its points to another.

A graph of the surface's points and of some points on each edge, joined across each triangle, has a shortest way at most
about a hundredth too long; where that way crosses an edge it is then drawn tight.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.late import load_scipy
from workstation.imaging.mesh import Mesh

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ON_EDGE: Final = 3
"""Points between the ends of an edge."""

ROUNDS: Final = 200


@dataclass(frozen=True)
class SurfaceWay:
    """A way along a surface: its points (LPS, mm), on the surface, and its length."""

    points_lps: tuple[Vec3, ...]

    @property
    def length_mm(self) -> float:
        points = np.asarray(self.points_lps)
        return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def along_surface(mesh: Mesh, start: Vec3, end: Vec3) -> SurfaceWay:
    """From the point of a surface nearest to `start` to the one nearest to `end`.

    Raises `Refused` with NO_PATH where no way along it leads there.
    """
    load_scipy()
    from scipy.sparse import csgraph
    from scipy.spatial import cKDTree

    points = mesh.points.astype(np.float64)
    _, (first, last) = cKDTree(points).query(np.asarray([start, end]))
    near = _around(mesh, points, int(first), int(last))
    nodes, joined, ends = _graph(points, near)
    lengths, before = csgraph.dijkstra(joined, directed=False, indices=int(first), return_predecessors=True)
    if not np.isfinite(lengths[last]):
        raise Refused(Reason.NO_PATH)
    way = [int(last)]
    while way[-1] != first:
        way.append(int(before[way[-1]]))
    return SurfaceWay(tuple(vec(each) for each in _tight(nodes, ends, way[::-1])))


def _around(mesh: Mesh, points: Floats, first: int, last: int) -> Ints:
    """The triangles that the way may lie on: no farther than the shortest way along edges is long."""
    load_scipy()
    from scipy.sparse import csgraph, csr_array

    edges = np.concatenate([mesh.triangles[:, pair] for pair in ((0, 1), (1, 2), (2, 0))])
    sizes = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    graph = csr_array((sizes, (edges[:, 0], edges[:, 1])), shape=(len(points), len(points)))
    longest = csgraph.dijkstra(graph, directed=False, indices=first)[last]
    if not np.isfinite(longest):
        raise Refused(Reason.NO_PATH)
    both = np.linalg.norm(points - points[first], axis=1) + np.linalg.norm(points - points[last], axis=1)
    return np.asarray(mesh.triangles[(both <= longest + 1e-6)[mesh.triangles].any(axis=1)], dtype=np.int64)


def _graph(points: Floats, triangles: Ints) -> tuple[Floats, Any, Ints]:
    """All nodes, how far neighbours lie apart, and for each node the ends of its edge (itself twice for a corner)."""
    load_scipy()
    from scipy.sparse import coo_array

    pairs = np.sort(np.concatenate([triangles[:, pair] for pair in ((0, 1), (1, 2), (2, 0))]), axis=1)
    edges, named = np.unique(pairs, axis=0, return_inverse=True)
    of_triangle = named.reshape(3, -1).T
    shares = np.arange(1, ON_EDGE + 1) / (ON_EDGE + 1)
    inner = points[edges[:, 0], None] * (1 - shares)[:, None] + points[edges[:, 1], None] * shares[:, None]
    nodes = np.concatenate([points, inner.reshape(-1, 3)])
    ends = np.concatenate([np.repeat(np.arange(len(points))[:, None], 2, axis=1), edges.repeat(ON_EDGE, axis=0)])
    on_edges = len(points) + of_triangle[:, :, None] * ON_EDGE + np.arange(ON_EDGE)
    own = np.concatenate([triangles, on_edges.reshape(len(triangles), -1)], axis=1)
    a, b = np.triu_indices(own.shape[1], 1)
    links = np.unique(np.sort(np.stack([own[:, a].ravel(), own[:, b].ravel()], axis=1), axis=1), axis=0)
    sizes = np.maximum(np.linalg.norm(nodes[links[:, 0]] - nodes[links[:, 1]], axis=1), 1e-9)
    graph = coo_array((sizes, (links[:, 0], links[:, 1])), shape=(len(nodes), len(nodes))).tocsr()
    return nodes, graph, ends


def _tight(nodes: Floats, ends: Ints, way: list[int]) -> Floats:
    """A way whose points slide along their edges until it is as short as it can be there."""
    found = nodes[way].copy()
    lows, highs = nodes[ends[way, 0]], nodes[ends[way, 1]]
    sliding = [at for at in range(1, len(way) - 1) if ends[way[at], 0] != ends[way[at], 1]]
    for _ in range(ROUNDS):
        before = found.copy()
        for at in sliding:
            found[at] = _slid(found[at - 1], found[at + 1], lows[at], highs[at])
        if float(np.abs(found - before).max()) < 1e-4:
            break
    return found


def _slid(one: Floats, other: Floats, low: Floats, high: Floats) -> Floats:
    """The point of an edge through which the way from one point to another is shortest: unfolded, it is straight."""
    along = high - low
    size = float(np.linalg.norm(along))
    along = along / size
    first, last = float((one - low) @ along), float((other - low) @ along)
    away = float(np.linalg.norm(one - low - first * along)), float(np.linalg.norm(other - low - last * along))
    total = sum(away)
    at = (first + last) / 2 if total < 1e-9 else first + (last - first) * away[0] / total
    return np.asarray(low + along * min(max(at, 0.0), size))
