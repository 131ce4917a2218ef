"""The trunk of nobody in particular, as distance functions in patient coordinates (LPS, mm; negative is inside)."""
