"""Servers on loopback that play agencies: each a process of its own, started once for a module of tests."""
