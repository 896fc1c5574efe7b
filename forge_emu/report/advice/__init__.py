"""What a run says about the app, in plain words."""
