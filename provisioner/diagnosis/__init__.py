"""Diagnosis of failing logins and guest customers: probes, clues, a catalogue of causes, and a ranking."""
