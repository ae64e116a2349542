"""What a signature on a message stands on: the entity that is signed, its header, its signers, and their judgement."""
