"""Public, recomputable draws: protocol ``yaohao/v1``.

A library that stands alone. README.md lists the modules and their functions, SPEC.md is the
normative text that the code cites.
"""
