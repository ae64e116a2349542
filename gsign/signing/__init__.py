"""Steps of signing a PDF document: the field, the permissions, the revision with its placeholder, the DSS."""
