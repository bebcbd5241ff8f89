"""Drafting: what a sample file of a new agency tells about its contract, with reasons that a person can check.

recognise (bytes → format and columns) → shapes (what values look like) → meanings (which word of ours a column is) →
keys (what makes a row unique) → contract (YAML). Nothing here knows a person's value beyond this process: reasons hold
shares and counts, and texts only of code lists.
"""
