"""One page of text as a PDF 1.4 file, made by hand: none of the libraries that are kept writes PDF without Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH_PT: Final = 595
HEIGHT_PT: Final = 842
LEFT_PT: Final = 64
TOP_PT: Final = 770


@dataclass(frozen=True)
class Line:
    """A line of text; `size_pt` is the height of its letters and `above_pt` the room it keeps from the line before."""

    text: str
    size_pt: float = 10.5
    bold: bool = False
    above_pt: float = 5.0


def pdf_page(lines: Sequence[Line], title: str) -> bytes:
    """An A4 page in Helvetica, which every reader has; letters outside Windows-1252 become question marks."""
    content = _content(lines)
    fonts = "/Font << /F1 5 0 R /F2 6 0 R >>"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH_PT} {HEIGHT_PT}] "
        f"/Resources << {fonts} >> /Contents 4 0 R >>".encode(),
        f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream",
        *(_font(name) for name in ("Helvetica", "Helvetica-Bold")),
        b"<< /Title " + _string(title) + b" /Producer (Hounsfield) >>",
    ]
    return _file(bodies)


def _font(name: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()


def _content(lines: Sequence[Line]) -> bytes:
    """The drawing operators of the page (ISO 32000-1, 9.4)."""
    parts, y = [], float(TOP_PT)
    for line in lines:
        y -= line.size_pt + line.above_pt
        font = "F2" if line.bold else "F1"
        head = f"BT /{font} {line.size_pt:g} Tf {LEFT_PT} {y:g} Td "
        parts.append(head.encode() + _string(line.text) + b" Tj ET")
    return b"\n".join(parts)


def _string(text: str) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return b"(" + escaped.encode("cp1252", errors="replace") + b")"


def _file(bodies: Sequence[bytes]) -> bytes:
    """Objects numbered from 1, the table of where each begins, and the trailer."""
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(data)
    data += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    size, last = len(bodies) + 1, len(bodies)
    data += f"trailer\n<< /Size {size} /Root 1 0 R /Info {last} 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(data)
