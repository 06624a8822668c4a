"""Values to and from the XML of the three metadata types."""
