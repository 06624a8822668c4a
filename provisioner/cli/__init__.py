"""The commands. Only this package exits or asks questions."""
