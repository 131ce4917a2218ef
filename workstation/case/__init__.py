"""The case on screen: the only mutable state. No Qt, no VTK, no network."""
