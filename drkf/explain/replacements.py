"""Words and what stands against them: their opposite, or a word without a feeling."""

from __future__ import annotations

import re

_PAIRS = """
happy sad
glad sorry
joyful miserable
delighted disappointed
excited bored
thrilled disappointed
love hate
loved hated
loves hates
like dislike
enjoy hate
great terrible
good bad
best worst
better worse
wonderful awful
amazing ordinary
beautiful ugly
lovely horrible
nice nasty
perfect dreadful
brilliant useless
fantastic terrible
proud ashamed
calm furious
angry calm
mad calm
furious calm
annoyed pleased
afraid sure
scared calm
terrified calm
frightened calm
worried sure
nervous calm
safe unsafe
disgusting delicious
gross clean
sick healthy
dirty clean
lonely loved
crying laughing
cried laughed
cry laugh
win lose
won lost
lucky unlucky
always never
everything nothing
everyone nobody
more less
friend enemy
birth death
born dead
alive dead
hope fear
surprised bored
shocked calm
unbelievable ordinary
suddenly slowly
kind cruel
true false
right wrong
thank blame
thanks blame
welcome unwelcome
can cannot
can't can
cannot can
won't will
will won't
don't do
do don't
didn't did
did didn't
isn't is
is isn't
aren't are
are aren't
wasn't was
was wasn't
haven't have
have haven't
not really
never always
no a
nothing something
nobody somebody
"""

#: Lower-case word -> what may stand in its place. Read both ways where the other way has no entry.
OPPOSITES: dict[str, tuple[str, ...]] = {}
for _line in _PAIRS.split("\n"):
    if _line:
        _word, _other = _line.split()
        OPPOSITES[_word] = (*OPPOSITES.get(_word, ()), _other)
for _word, _others in list(OPPOSITES.items()):
    for _other in _others:
        OPPOSITES.setdefault(_other, (_word,))


def opposites(word: str) -> list[str]:
    """What may stand in the place of a word as typed, with its capital and its punctuation."""
    parts = re.fullmatch(r"(\W*)(.*?)(\W*)", word.replace("’", "'"), re.DOTALL)
    if parts is None:
        return []
    before, core, after = parts.groups()
    others = OPPOSITES.get(core.lower(), ())
    return [f"{before}{o.capitalize() if core[:1].isupper() else o}{after}" for o in others]
