"""Files of a surface: binary STL, OBJ, binary PLY, all in mm and LPS. None says whose it is (safety.md 23)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import HounsfieldError
from workstation.imaging.mesh import Mesh

HEADER: Final = b"Hounsfield surface; mm; LPS"
FORMATS: Final = ("stl", "obj", "ply")

_FACET: Final = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_FACE: Final = np.dtype([("count", "u1"), ("corners", "<i4", 3)])


def mesh_file(mesh: Mesh, kind: str) -> bytes:
    """A surface as a file of one of FORMATS. Raises HounsfieldError for another."""
    writers = {"stl": stl, "obj": obj, "ply": ply}
    if kind not in writers:
        raise HounsfieldError(
            f"Surfaces are written as {', '.join(FORMATS)}, not as {kind or 'a file without ending'}."
        )
    return writers[kind](mesh)


def stl(mesh: Mesh) -> bytes:
    """Binary STL: 80 bytes, the number of triangles, 50 bytes for each."""
    facets = np.zeros(len(mesh.triangles), dtype=_FACET)
    facets["corners"] = mesh.points[mesh.triangles]
    facets["normal"] = _normals(facets["corners"])
    return HEADER.ljust(80) + len(facets).to_bytes(4, "little") + facets.tobytes()


def obj(mesh: Mesh) -> bytes:
    """Wavefront OBJ: points, then triangles, counted from 1."""
    lines = [f"# {HEADER.decode()}"]
    lines += [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in mesh.points.tolist()]
    lines += [f"f {a} {b} {c}" for a, b, c in (mesh.triangles + 1).tolist()]
    return ("\n".join(lines) + "\n").encode()


def ply(mesh: Mesh) -> bytes:
    """Binary PLY, little endian."""
    head = (
        f"ply\nformat binary_little_endian 1.0\ncomment {HEADER.decode()}\n"
        f"element vertex {len(mesh.points)}\nproperty float x\nproperty float y\nproperty float z\n"
        f"element face {len(mesh.triangles)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    faces = np.zeros(len(mesh.triangles), dtype=_FACE)
    faces["count"], faces["corners"] = 3, mesh.triangles
    return head.encode() + mesh.points.astype("<f4").tobytes() + faces.tobytes()


def read_stl(data: bytes) -> Mesh:
    """A binary STL as a surface; corners that are equal to the bit are one point.

    Raises HounsfieldError when it is not as long as it says.
    """
    count = int.from_bytes(data[80:84], "little")
    if len(data) != 84 + count * _FACET.itemsize:
        raise HounsfieldError("The surface file is not as long as it says.")
    corners = np.frombuffer(data, dtype=_FACET, offset=84)["corners"].reshape(-1, 3)
    points, named = np.unique(corners, axis=0, return_inverse=True)
    return Mesh(points.astype(np.float32), named.reshape(-1, 3).astype(np.int32))


def _normals(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit normals of triangles (m, 3, 3); nought for one without area."""
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(across, axis=1, keepdims=True)
    return np.asarray(np.divide(across, lengths, out=np.zeros_like(across), where=lengths > 0))
