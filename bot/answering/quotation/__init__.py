"""The quote finder: where words stand in the archive, or what was published that is nearest."""
