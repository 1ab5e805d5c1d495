"""Training a teacher and, from its images, a student."""
