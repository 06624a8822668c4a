"""Killed anywhere: the process ends without a word at every step that it takes, and the next run goes on."""
