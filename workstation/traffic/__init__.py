"""Where the network meets the cache: what is received, fetched and sent."""
