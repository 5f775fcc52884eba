"""Turn piles of pictures into clean, named groups."""
