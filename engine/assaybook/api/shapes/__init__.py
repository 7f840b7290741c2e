"""What routes take and give where the domain has no such shape."""
