"""Cameras, streams, windows: frames that come and go as they are seen."""
