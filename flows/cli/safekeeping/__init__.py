"""The commands that keep a home whole and its people safe."""
