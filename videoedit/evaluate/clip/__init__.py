"""An edited video against its source: times, sound, untouched pixels, steadiness, success, identity."""
