"""What is remembered of questions and answers, for every front: one SQLite file."""
