"""The REST APIs of the platform that a remote calls with the token that it was given."""
