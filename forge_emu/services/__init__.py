"""What an app can call: a request in, the platform's answer out. Pure, and it never raises."""
