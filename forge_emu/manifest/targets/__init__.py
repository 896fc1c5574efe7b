"""What a backend module calls: a function of the app, or an endpoint of a remote."""
