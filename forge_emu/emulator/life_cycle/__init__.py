"""What comes of the app's life cycle by itself: it is installed, and upgraded."""
