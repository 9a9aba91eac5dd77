"""Faces through time: who is who, and how the alignment is steadied."""
