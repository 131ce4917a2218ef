"""Headers as the index keeps them: in full for the first object of a series, for the others what differs from it.

A thousand slices differ in little more than UID, position and number; decoding only that is what keeps opening a
study short.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from workstation.dicom import header
from workstation.dicom.entities import Instance

_ABSENT: Final = "-"
"""Names that the first header has and this one has not."""


def shortened(whole: str, template: dict[str, Any]) -> str:
    """JSON text of what a header says otherwise than `template`."""
    values: dict[str, Any] = json.loads(whole)
    differing = {name: value for name, value in values.items() if name not in template or template[name] != value}
    absent = [name for name in template if name not in values]
    return json.dumps(differing | ({_ABSENT: absent} if absent else {}), separators=(",", ":"))


def restored(text: str, template: dict[str, Any]) -> dict[str, Any]:
    """The values of the header that `shortened` made `text` of."""
    values: dict[str, Any] = template | json.loads(text)
    for name in values.pop(_ABSENT, ()):
        values.pop(name, None)
    return values


def instances(templates: Mapping[int, str], headers: Iterable[tuple[int, str]]) -> Iterator[Instance]:
    """The instances that `headers` (series and shortened text) are of, as `restored` and `header.from_json` give them;
    `templates` are the headers in full of the first object of each series."""
    values: dict[int, dict[str, Any]] = {series: json.loads(text) for series, text in templates.items()}
    first: dict[int, Instance] = {}
    for series, text in headers:
        if not values[series]:  # an earlier program kept each in full
            yield header.from_json(json.loads(text))
            continue
        if series not in first:
            first[series] = header.from_json(values[series])
        differing: dict[str, Any] = json.loads(text)
        absent = differing.pop(_ABSENT, ())
        yield header.like(first[series], values[series], differing, absent)
