"""The hostile matrix: every text of an org's answers, and every field of every file, with every hostile value."""
