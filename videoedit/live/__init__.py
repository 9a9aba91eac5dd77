"""Editing while the pictures come in: the newest frame wins, and nothing ever queues."""
