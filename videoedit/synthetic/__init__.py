"""Faces with an attribute put on without a network: results of edits that are known, for training and for judging."""
