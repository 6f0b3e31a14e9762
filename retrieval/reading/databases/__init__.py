"""Press databases: one file of theirs holds many articles of many newspapers.

`splitting` recognises the database that a text or a page comes from and gives its records.
The other modules are the grammars, one for each database.
"""
