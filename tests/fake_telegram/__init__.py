"""A Bot API server for tests: what Telegram accepts, refuses, limits and breaks.

fake = FakeTelegram()                 # the core: no transport, no network
fake.request()                        # a `telegram.request.BaseRequest`, in this process
async with served(fake) as server:    # or real HTTP on the loopback
    server.base_url, server.base_file_url

ana = Person(fake, "Ana", language="fr")
question = await ana.say("Qui dirige le CHU ?")
await fake.until(lambda: ana.private.shown)
"""
