"""Holdfast's extension of LocalStack, through LocalStack's own plug-in points (entry_points.txt of the distribution next to it)."""
