"""Rules for environment files."""
