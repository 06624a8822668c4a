"""The program without what only POSIX systems have."""
