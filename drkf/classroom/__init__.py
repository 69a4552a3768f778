"""A class votes on what it hears: rooms in memory, their rounds, and how far all agree.

``rooms`` keeps the rooms of one server, ``room`` is one of them with its ``rounds``, ``agreement``
measures them and ``export`` writes them as a table. Nothing here knows who votes: a phone is a
random number that it made itself, and a room holds no address and no sound.
"""
