"""Rules for the text of the files: YAML, and the texts and references in it."""
