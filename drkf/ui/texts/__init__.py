"""What the interface says, a folder for each language."""
