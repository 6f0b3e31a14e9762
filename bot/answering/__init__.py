"""From a question to an answer; knows nothing of Telegram or of terminals."""
