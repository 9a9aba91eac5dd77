"""The attribute judge's training."""
