"""PixelMed's validator of structured reports, started as it needs to be."""

import subprocess
from pathlib import Path

from tests.guards.required import missing

JAR = Path("/usr/share/java/pixelmed.jar")
LIMITS = [f"-Djdk.xml.{name}=0" for name in ("xpathExprGrpLimit", "xpathExprOpLimit", "xpathTotalOpLimit")]


def complaints(java: Path, file: Path) -> list[str]:
    """What the validator calls an error; AssertionError when it did not know the template."""
    if not JAR.exists():
        missing("pixelmed", f"{JAR} is not installed")
    command = [str(java), "-Xmx1g", *LIMITS, "-cp", str(JAR), "com.pixelmed.validate.DicomSRValidator", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    said = (done.stdout + done.stderr).splitlines()
    assert "Root Template Validation Complete" in said, said
    assert "IOD validation complete" in said, said
    return [line for line in said if line.startswith("Error")]
