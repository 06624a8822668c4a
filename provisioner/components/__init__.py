"""Values to and from the XML of metadata types."""
