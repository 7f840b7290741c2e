"""One module for each page: a view made of what is recorded, and a thin route."""
