"""The sentences that people read, in French and in English."""
