"""Policies that search rather than learn."""
