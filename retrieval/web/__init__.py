"""The web: pages, feeds and files fetched from addresses that may be hostile, and followed.

Only public addresses are spoken to, and the very ones that were checked; time, bytes and
redirects are bounded. What comes from the network is read to its end before a change of the
archive begins: nobody waits for a slow site.
"""
