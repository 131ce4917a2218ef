"""What a reader or an algorithm says; frozen; in patient space."""
