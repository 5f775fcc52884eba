"""Training sets from a review, in the layouts that trainers read, each read back by its client's rules."""
