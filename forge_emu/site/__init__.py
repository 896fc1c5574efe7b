"""The site behind the product calls, in memory: its things, what changes them, how they are read.

Pure: it knows no request and no delivery. `services/site` answers the app's requests from it.
"""
