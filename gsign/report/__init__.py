"""A verification on paper: one page that a clerk files as evidence, as HTML, PDF/A or JSON."""
