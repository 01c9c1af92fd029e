"""Pure media arithmetic: probe facts in, plans, command lines, boxes and playlists out. No I/O."""
