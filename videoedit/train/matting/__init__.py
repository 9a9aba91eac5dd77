"""The training of the matting network: glasses drawn on faces are lifted off them."""
