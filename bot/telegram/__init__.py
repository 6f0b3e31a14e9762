"""The Telegram bot: a thin front of the answers. `bot.telegram.lifecycle` starts it."""
