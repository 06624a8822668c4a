"""The commands: the only room that exits or asks."""
