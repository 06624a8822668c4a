"""The workflows: one word of a person, several steps. They are typed, and know neither argparse nor the terminal."""
