"""Records → the summary at the end of a run, with findings about the app in plain words."""
