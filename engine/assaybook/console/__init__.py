"""The service as pages for people: rendered here, without script, from what the store knows."""
