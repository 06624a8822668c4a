"""Input from strangers, guided by what it reaches in the code: ``python -m tests.fuzz TARGET --seconds N``."""
