"""The occluder network's training: things put before faces."""
