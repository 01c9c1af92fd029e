"""Finds what was lost, late or left behind, and repairs it: a module per kind of loss."""
