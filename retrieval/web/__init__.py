"""The web: addresses, fetching, pages, feeds, and the watcher of feeds and folders.

Modules, each using only those before it: `urls` (addresses), `exchange` (limits, responses,
failures), `network` (checked and bounded connections), `fetch` (one address to its bytes), `pages`
(bytes to drafts), `feeds` (new entries of feeds), `discovery` (the feeds of a site), `watch_store`
(`watch.db`), `watch` (one round of the watcher).

Servers and addresses may be hostile. Only public IP addresses are connected to, and exactly those
that were checked. Time, bytes and redirects are bounded. Everything is fetched before a change of
the archive begins, so that no other writer waits for a slow site.
"""
