"""Users, passwords, tokens and what roles may do."""
