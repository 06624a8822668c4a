"""This tool and the official Salesforce CLI side by side, against one local org; one run and many; as ratios."""
