"""The Telegram bot: a thin front of the answers. `bot.telegram.running` starts it."""
