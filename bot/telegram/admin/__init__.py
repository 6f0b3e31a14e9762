"""Keeping the archive from Telegram: what administrators ask for, planned, confirmed, done."""
