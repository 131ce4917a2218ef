"""Pixels in patient space (LPS, mm): numpy, scipy, SimpleITK."""
