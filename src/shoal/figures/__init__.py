"""Pictures for people: contact sheets, cluster sheets, timelines, and the drawings of reports."""
