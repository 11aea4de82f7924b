"""apiKeyHelper: the script writer, the cache and the run time."""
