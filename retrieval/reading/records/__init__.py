"""Records: rows and objects of exports, one an article."""
