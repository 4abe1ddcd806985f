"""The further words of the page."""

from dialer.model.lead import AnalysisState, ObjectionKind, Source, Tag
from dialer.reports.labels import LABELS
from dialer.reports.more_labels import MORE


def test_every_word_of_the_closed_lists_has_a_label():
    wanted = {f"objection.{word}" for word in ObjectionKind} | {f"tag.{word}" for word in Tag}
    wanted |= {f"source.{word}" for word in Source} | {f"analysis.{word}" for word in AnalysisState}
    assert wanted <= set(MORE) <= set(LABELS)
    assert all(all(pair) for pair in MORE.values())
