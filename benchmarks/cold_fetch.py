"""A cold `fetch` of the host's archive, against a plain download of the same bytes from the same registry."""
