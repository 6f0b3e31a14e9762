"""How the reader was trained: groups, network, training, export. Needs the extra `train`.

`python -m retrieval.training` is the way in; nothing of the product imports this package.
"""
