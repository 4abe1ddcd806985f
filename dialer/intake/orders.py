"""Values that address the model rather than describe a person. They are kept, and said: whatever a value says, it is data.

Finding them is a courtesy to the operator and no defence; the defence is that no value can leave its line and its block
(see ``conversation.instructions``).
"""

import re

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:previous|prior|above|earlier|all|any|your|the|these|those)\b"
    r".{0,20}\b(?:instructions?|rules?|prompts?|guidelines?|messages?|text|script)\b"
    r"|\b(?:system|developer|hidden|initial)\s+(?:prompt|message|instructions?)\b|\bnew\s+instructions?\b"
    r"|\byou\s+(?:are|must|will|should|shall)\s+(?:now|from now|act|behave|pretend|say|tell|obey|call|transfer|reveal)\b"
    r"|\b(?:act|behave|respond|answer|speak)\s+(?:as|like)\s+(?:a|an|if|the)\b|\bpretend\s+(?:to|you|that)\b"
    r"|\b(?:reveal|print|repeat|show|tell)\b.{0,20}\b(?:prompt|instructions|api key|password|secret)\b"
    r"|\b(?:call|use|invoke|run)\b.{0,15}\b(?:tool|function|opt_out|end_call|transfer_call|set_outcome)\b"
    r"|\b(?:jailbreak|developer mode|do anything now)\b|\b(?:do not|don't)\s+(?:follow|obey)\b"
    r"|</?\s*(?:contact_data|system|instructions?|assistant|user)\b|<\|[a-z_]+\|>|\[/?INST\]|^\s*#{1,3}\s*(?:rules|system|role)\b"
    r"|^\s*(?:system|assistant|developer)\s*:"
    r"|(?:忽略|无视|忘记|不要理会).{0,12}(?:指令|提示|以上|规则|之前|设定)|(?:你现在是|从现在起你|现在开始你)|系统提示|扮演"
    r"|ignorier\w*.{0,30}(?:anweisung|regel)|ignora\w*.{0,30}instruc|ignore[zr]?.{0,30}instructions",
    re.IGNORECASE | re.MULTILINE,
)
# Every order has one of these in it (a test holds the two lists together): looking for them costs a hundredth of the search.
_MARKS = (
    "ignor", "disregard", "forget", "override", "bypass", "prompt", "message", "instruc", "you", "act", "behave", "respond",
    "answer", "speak", "pretend", "reveal", "print", "repeat", "show", "tell", "tool", "function", "opt_out", "end_call",
    "transfer_call", "set_outcome", "jailbreak", "developer", "anything", "follow", "obey", "<", "inst]", "#", "system",
    "assistant", "忽略", "无视", "忘记", "不要理会", "你现在", "从现在", "现在开始", "系统提示", "扮演",
)  # fmt: skip
_SHORTEST = 4


def reads_like_an_order(text: str) -> bool:
    """The text tells somebody what to do, in the words that are used on language models."""
    if len(text) < _SHORTEST:
        return False
    # The search takes both Turkish letters for an i, which folding does not.
    folded = text.lower() if text.isascii() else text.replace("İ", "i").replace("ı", "i").casefold()
    return any(mark in folded for mark in _MARKS) and _ORDERS.search(text) is not None
