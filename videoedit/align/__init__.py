"""Aligned faces: templates, regions, and the warp into a crop."""
