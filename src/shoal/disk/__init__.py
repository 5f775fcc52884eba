"""Clustered folders on disk: read, plan, save, recover, restore. Nothing here can lose a picture."""
