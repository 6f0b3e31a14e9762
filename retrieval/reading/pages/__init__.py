"""Pages: the article in the HTML of a site."""
