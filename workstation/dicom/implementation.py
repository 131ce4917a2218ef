"""What this program calls itself in files and to peers (PS3.10 7.1, PS3.7 D.3.3.2)."""

from typing import Final

IMPLEMENTATION_CLASS: Final = "2.25.222531764830241586163912034417201143257"
IMPLEMENTATION_VERSION: Final = "HOUNSFIELD"
