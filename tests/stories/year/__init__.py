"""A year of 12Care on the sample company, driven by the clock; `python -m tests.stories.year DIR` plays it."""
