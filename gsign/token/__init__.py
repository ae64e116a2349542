"""Parts of `gsign.pkcs11`: the driver's own process, the parent's side of it, URIs, and the search for the one key."""
