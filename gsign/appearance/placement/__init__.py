"""Places found from the text of a document; where one is not certain, an error that tells what was found.

`find_leader`, `find_initials`, `find_number`, `find_date`, `find_seal`, `find_corner` and `find_incoming` stand in
modules of these names, number and date in `header`: whoever needs one imports no other. Each takes `pages.PageTexts`.
"""
