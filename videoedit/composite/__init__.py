"""Residuals added back to a frame's own samples."""
