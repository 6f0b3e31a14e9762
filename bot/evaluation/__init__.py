"""Measuring retrieval and answers on questions whose answers are known."""
