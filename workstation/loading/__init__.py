"""Bytes of the cache -> stacks and volumes, what is on screen first."""
