"""The web: addresses, fetching, pages, feeds, and the watcher of feeds and folders.

Modules, each using only those before it: `response` (limits, responses, failures), `urls`
(addresses), `connections` (checked and bounded), `fetch` (one address to its bytes), `pages` (bytes
to drafts), `watch_store` (`watch.db`), `feeds` (those of a site, and their new entries), `watch`
(one round of the watcher).

Servers and addresses may be hostile. Only public IP addresses are connected to, and exactly those
that were checked. Time, bytes and redirects are bounded. Everything is fetched before a change of
the archive begins, so that no other writer waits for a slow site.
"""
