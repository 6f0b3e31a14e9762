"""The cross-encoder that reads a question and a window together: its weights and its graph."""
