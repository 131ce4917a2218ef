"""Query identifiers <-> rows (PS3.4 C.2.2.2), by pydicom: character sets and value types are its trade."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from workstation.dicom.scan import IMPLICIT
from workstation.errors import HounsfieldError

LARGEST_BYTES = 1 << 20


def encode(keys: Mapping[str, str], transfer_syntax_uid: str) -> bytes:
    """Keys (keyword -> text) as a dataset. Raises HounsfieldError for a keyword that is none."""
    from pydicom.datadict import tag_for_keyword
    from pydicom.dataset import Dataset
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    dataset = Dataset()
    if not all(value.isascii() for value in keys.values()):
        dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in keys.items():
        if tag_for_keyword(keyword) is None:
            raise HounsfieldError(f"There is no attribute called {keyword!r}.")
        setattr(dataset, keyword, value or None)
    buffer = DicomBytesIO()
    buffer.is_implicit_VR = transfer_syntax_uid == IMPLICIT
    buffer.is_little_endian = True
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def decode(data: bytes | bytearray, transfer_syntax_uid: str) -> dict[str, str]:
    """The top level of a dataset as text by keyword. Raises ValueError for what is no dataset."""
    from pydicom.filereader import read_dataset

    try:
        dataset = read_dataset(BytesIO(bytes(data)), transfer_syntax_uid == IMPLICIT, True)
        dataset.decode()
        return {element.keyword: _text(element) for element in dataset if element.keyword and element.VR != "SQ"}
    except Exception as error:  # whatever a parser raises on a stranger's bytes is an answer about these bytes
        raise ValueError(f"an identifier that cannot be read: {type(error).__name__}") from error


def _text(element: Any) -> str:
    value = element.value
    if value is None or value == "":
        return ""
    if element.VM > 1:
        return "\\".join(str(each) for each in value)
    return str(value).rstrip("\0 ")
