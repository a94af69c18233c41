"""Visits under every fault of Amazon Chime: seeded schedules through the real services, judged by a model of their own."""
