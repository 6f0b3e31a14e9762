"""Fetching: one page, feed or file over HTTP, from an address that may be hostile.

Only public addresses are spoken to, and the very ones that were checked; time, bytes and
redirects are bounded; what goes wrong is a `FetchFailed` with a reason of the catalogue.
"""

from __future__ import annotations

from retrieval.fetching.failures import FetchFailed
from retrieval.fetching.fetcher import Fetcher
from retrieval.fetching.urls import address, canonical, same_site, site_of
from retrieval.fetching.values import Fetched, FetchLimits, Validators

__all__ = [
    "FetchFailed",
    "FetchLimits",
    "Fetched",
    "Fetcher",
    "Validators",
    "address",
    "canonical",
    "same_site",
    "site_of",
]
