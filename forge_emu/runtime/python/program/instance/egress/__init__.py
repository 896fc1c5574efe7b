"""Requests of handlers to the outside. No connection is opened: what a handler writes is read here
as HTTP, forge-emu is asked about each request, and only one that may go out reaches the network.

It works below every package that is written in Python: `urllib.request`, `http.client`, `requests`,
`httpx`, `aiohttp`, and sockets themselves. What opens connections in C code of its own, and other
programs that a handler starts, are not seen.
"""
