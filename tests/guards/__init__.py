"""What makes a test fail besides its own assertions (one guard a file), and what it may ask for."""
