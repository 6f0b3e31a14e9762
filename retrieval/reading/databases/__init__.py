"""Press databases: one file of theirs holds many articles of many newspapers.

`splitting` tells which database a text or a page comes from and gives its records; the other
modules are the grammars, one for each database.
"""
