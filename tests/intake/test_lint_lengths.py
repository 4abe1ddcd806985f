"""What is too long is said before anybody has to listen to it."""

from dialer.intake.lint import MAX_MESSAGE, MAX_QUESTION, MAX_SCRIPT, lint
from tests.support.builders import a_campaign


def test_long_texts_are_warned_about() -> None:
    campaign = a_campaign(
        script="x " * (MAX_SCRIPT // 2 + 1),
        voicemail={"action": "leave_message", "message": "{company} {callback_number} " + "y" * MAX_MESSAGE},
        answers={"need": {"question": "z" * (MAX_QUESTION + 1)}, "other": {"question": "z" * MAX_QUESTION}},
    )
    found = {finding.where: finding.level for finding in lint(campaign) if "letters" in finding.message}
    assert found == {"script.md:1": "warning", "campaign.toml": "warning"}
    keys = [finding.key for finding in lint(campaign) if "letters" in finding.message]
    assert keys == ["", "voicemail.message", "answers.need.question"]
    assert not [finding for finding in lint(a_campaign()) if "letters" in finding.message]
