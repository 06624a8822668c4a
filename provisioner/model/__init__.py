"""Frozen values, named with the terms of Salesforce and JOSE. No I/O, no judgement."""
