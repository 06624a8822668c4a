"""The options and the help of every command, a module for each section of the overview."""
