"""Headers as the index keeps them: in full for the first object of a series, for the others what differs from it.

A thousand slices differ in little more than UID, position and number; decoding only that is what keeps opening a
study short.
"""

import json
from typing import Any, Final

_ABSENT: Final = "-"
"""Names that the first header has and this one has not."""


def shortened(header: str, template: dict[str, Any]) -> str:
    """JSON text of what a header says otherwise than `template`."""
    values: dict[str, Any] = json.loads(header)
    differing = {name: value for name, value in values.items() if name not in template or template[name] != value}
    absent = [name for name in template if name not in values]
    return json.dumps(differing | ({_ABSENT: absent} if absent else {}), separators=(",", ":"))


def restored(text: str, template: dict[str, Any]) -> dict[str, Any]:
    """The values of the header that `shortened` made `text` of."""
    values: dict[str, Any] = template | json.loads(text)
    for name in values.pop(_ABSENT, ()):
        values.pop(name, None)
    return values
