"""Browsers without a screen, each with a profile of its own that is gone with its block."""
