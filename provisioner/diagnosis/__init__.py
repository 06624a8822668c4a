"""Diagnosis of failing logins and guest customers: probes gather evidence, clues read it, the catalogue names the
causes, and the ranking orders them.
"""
