"""Pictures of the console for the documentation: `python -m tests.screens`."""
