"""Drawings as plain SVG of our own: no script, no style attribute, every word beside them in text too."""
