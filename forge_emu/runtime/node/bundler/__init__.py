"""Builds an app's JavaScript as near to Forge's bundler as esbuild goes."""
