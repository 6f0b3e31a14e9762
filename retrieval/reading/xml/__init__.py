"""XML: what agencies, blogs and feeds send."""
