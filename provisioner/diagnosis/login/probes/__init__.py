"""Probes: each returns its evidence as a value and raises nothing that could stop the others."""
