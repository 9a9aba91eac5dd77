"""Folders of edited pictures against their sources: success, identity, distances between sets, landmarks."""
