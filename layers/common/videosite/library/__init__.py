"""Videos as people see them: uploads, listing, playback."""
