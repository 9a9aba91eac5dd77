"""How what a picture wears is lifted off it as a layer and laid on other faces, one way for each attribute."""
