"""From a file to frames: decoding, times, parts, and what a file holds."""
