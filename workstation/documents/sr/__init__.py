"""Measurements as Comprehensive 3D SR by TID 1500 (PS3.3 A.35.13, PS3.16): findings written and read."""
