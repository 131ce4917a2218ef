"""Hounsfield, a diagnostic workstation. The map of the house stands in README.md."""

__version__ = "0.1.0"
