"""Models behind small protocols, one file each, and the one registry that knows them."""
