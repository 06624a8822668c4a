"""Config files to one environment's Estate; every value keeps its place."""
