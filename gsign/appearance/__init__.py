"""What a visible signature looks like: fonts, text, images, and the form XObject that holds them."""
