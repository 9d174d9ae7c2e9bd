"""Pages of one audience; its guard stands in blueprint.py."""
