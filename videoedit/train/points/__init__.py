"""The points network's training."""
