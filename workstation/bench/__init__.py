"""The figures of the program, measured from outside, each beside a peer or a fixed kernel in the same run."""
