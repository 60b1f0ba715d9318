"""The figures this project states, measured as ratios within one run: `python3 scripts/dev.py bench [name ...]`."""
