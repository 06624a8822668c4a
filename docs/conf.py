"""The settings of Sphinx for the documentation site. ``make site`` builds it (tests/docs/site.py)."""

project = "provisioner"
author = "the contributors"
copyright = "the contributors; Apache-2.0"
html_title = "Salesforce chat user verification as code"
root_doc = "index"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4  # as GitHub makes them
myst_links_external_new_tab = False
smartquotes = False  # words of errors must be found as they are
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # a here-document in a console block; it is highlighted all the same
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}
