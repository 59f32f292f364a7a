"""Fixes: a card's remedy as commands for this environment, its installer, its system and its shell."""
