"""The archive for an assistant on this machine, over the Model Context Protocol."""
