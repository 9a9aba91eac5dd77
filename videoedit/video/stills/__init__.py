"""Pictures on disk, as arrays and as clips of one frame."""
