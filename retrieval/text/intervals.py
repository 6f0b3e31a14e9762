"""Intervals of days: whole months, the week around a day, so many months before."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

Interval = tuple[date | None, date | None]


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def months(year: int, first: int, last: int) -> Interval:
    """Whole months; ``last`` may run into the next year (a winter)."""
    over, month = divmod(last - 1, 12)
    return date(year, first, 1), month_end(year + over, month + 1)


def unit_around(unit: str, day: date) -> tuple[date, date]:
    """The day, week (from Monday), month or year that holds a day; an hour's day."""
    if unit in ("hour", "day"):
        return day, day
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "month":
        return day.replace(day=1), month_end(day.year, day.month)
    return date(day.year, 1, 1), date(day.year, 12, 31)


def weekend_before(day: date) -> tuple[date, date]:
    """The last Saturday and Sunday that have begun on a day."""
    saturday = day - timedelta(days=(day.weekday() - 5) % 7)
    return saturday, saturday + timedelta(days=1)


def days_before(today: date, number: int, unit: str) -> date:
    """The day that is so many hours, days, weeks, months or years before."""
    if unit == "hour":
        return today - timedelta(days=-(-number // 24))
    if unit in ("day", "week"):
        return today - timedelta(days=number * (7 if unit == "week" else 1))
    months = today.year * 12 + today.month - 1 - number * (12 if unit == "year" else 1)
    year, month = max(months // 12, 1), months % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
