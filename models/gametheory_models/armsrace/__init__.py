"""Arms races, trust and arms control."""
