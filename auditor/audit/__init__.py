"""The one pipeline: host -> facts -> smoke -> derived facts -> findings -> recommendation -> report."""
