"""The nouns of the letter and their rules: no queries, no files, no clock."""
