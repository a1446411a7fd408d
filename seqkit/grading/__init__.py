"""Grading that can be trusted: the student's kernel gives data, a clean process decides."""
