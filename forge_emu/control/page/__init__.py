"""The live page: who may open it, its routes, and what serves it."""
