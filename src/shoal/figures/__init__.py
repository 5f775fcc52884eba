"""Pictures for people: contact sheets and timelines."""
