"""The fault matrix: each request of each journey, met with each fault.

``wire`` sees every request and puts one fault in the place of one of them, ``kinds`` is the table of faults,
``journeys`` what people do, ``trial`` runs one combination and says what is wrong with how it ended. ``make test`` runs
a sample with a printed seed; ``make test-all`` runs the whole, and writes docs/proof.md.
"""
