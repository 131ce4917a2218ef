"""Studies with known truth: the demo patient, the self-check, and the makers behind the tests."""
