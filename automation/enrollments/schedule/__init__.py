"""Schedules at work: planning when they come round next, and entering their contacts, chunk by chunk."""
