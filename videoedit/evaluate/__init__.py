"""How good the edits are: metrics, and the tables of the model cards."""
