"""The words that are sent to the model, as files with a pure renderer each."""
