"""The workflows behind the commands. They are typed, and know neither argparse nor the terminal."""
