"""Why does a login fail? Probes gather evidence, clues read it, the catalogue names causes, and ranking orders them."""
