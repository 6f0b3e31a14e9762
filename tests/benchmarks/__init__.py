"""The slow measurements: ``make bench`` and ``make evaluate``, into ``results.md``."""
