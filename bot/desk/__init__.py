"""For the desk and the operator: what readers miss, how fresh the archive is, its figures."""
