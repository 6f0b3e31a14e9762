"""What can be set, its defaults, and the rules that are data. Knows no other package."""
