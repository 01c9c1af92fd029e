"""Use cases of the transcode pipeline, one module per stage."""
