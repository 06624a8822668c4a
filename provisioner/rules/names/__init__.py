"""Rules for names that Salesforce would refuse, or that could not be used."""
