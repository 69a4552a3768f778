"""What the live microphone says."""

from __future__ import annotations

from drkf.analysis import Prediction
from drkf.conversation.live import LiveView
from drkf.conversation.moment import Moment
from drkf.labels import EMOTIONS
from drkf.ui.live.live_html import live_html, summary_html
from drkf.ui.texts.catalogue import speaking

ANGRY = Prediction(EMOTIONS, (0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1))
WORDS = "so <b>what</b> " * 60


def view(*moments: Moment, words: str = "") -> LiveView:
    return LiveView("speech", 5.0, moments, words, "", 0, 0)


def test_a_voice_without_words_of_its_own_is_not_contradicted_by_the_words_below_it() -> None:
    said = live_html(view(Moment(0, 1, ANGRY), words="I am here"))
    assert "from the voice alone" in said and "I am here" in said
    assert "no words" not in said


def test_all_words_stay_in_two_lines_and_are_no_markup() -> None:
    said = live_html(view(Moment(0, 1, ANGRY), words=WORDS))
    assert said.count("&lt;b&gt;what") == 60 and "<b>what" not in said
    # As many lines before the first word as later.
    assert 'class="live-words"' in live_html(view(Moment(0, 1, ANGRY)))


def test_the_emotion_of_most_moments_is_not_called_the_most_of_the_time() -> None:
    said = summary_html(view(Moment(0, 1, ANGRY)))
    assert "most often anger (100% of the time)" in said and "mostly" not in said


def test_emotions_are_in_the_visitors_language() -> None:
    with speaking("de"):
        assert "WUT" in live_html(view(Moment(0, 1, ANGRY)))
        assert "am häufigsten Wut" in summary_html(view(Moment(0, 1, ANGRY)))
