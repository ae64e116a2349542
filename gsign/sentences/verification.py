from gsign.sentences import Sentence

REASONS: dict[str, Sentence] = {}
