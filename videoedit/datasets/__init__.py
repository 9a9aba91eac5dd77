"""Data sets of faces on disk, as aligned faces in memory."""
