"""XML: formats of agencies, blogs and feeds."""
