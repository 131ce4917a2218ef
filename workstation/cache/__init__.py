"""The study cache: files under names of our own, one index, nothing visible that is not whole."""
