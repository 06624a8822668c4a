"""Pure renderers of findings, plans and outcomes."""
