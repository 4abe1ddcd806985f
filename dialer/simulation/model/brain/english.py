"""English as data: what callees say (patterns by intent) and what the model says (sentences by name)."""

PATTERNS = {
    "opt_out": r"stop calling|don'?t (ever )?call\b(?! ((me|us|here) )?(before|after|until|till|today|now|tomorrow|on|at))"
    r"|do not call|never call|(remove|take|get) (me|us|my number|this number)( off| from)"
    r"|remove (me|my)|unsubscribe|leave me alone|no more calls|stop contacting|delete my number|^\W*stop\W*$|opt( me)? out",
    "voicemail": r"leave (me |us |you're? )?(a|your) (brief |short )?(message|name)|after the (tone|beep)|voice ?mail"
    r"|record your message|mailbox|(can'?t|cannot|unable to|not able to) (take|come to|answer|get to) (your|the) (call|phone)",
    "screener": r"(state|say|record) your name|reason for (your call|calling|the call)|call screening"
    r"|screening (service|assistant)|why (you are|you're) calling",
    "on_hold": r"please (hold|stay on)|stay on the line|one moment|connecting you|hold on|try(ing)? to connect",
    "ivr": r"press (one|two|three|zero|\d|the|star|pound)|main menu|listen carefully|menu options|dial the extension",
    "wrong_number": r"wrong number|(nobody|no one|no-one) (here )?(by|called|named|with|of) |no such person"
    r"|there(('s| is) no| is nobody| isn'?t any)|don'?t know (any|anyone|anybody|that person|who that)",
    "wrong_person": r"wrong person|this is not (?!a |the (best|right))|not the person|(i'?m|i am) not (him|her|he|she)\b",
    "gatekeeper": r"person is not (here|available)|this is (his|her|their) "
    r"|(he|she|they)(('s|'re| is| are) not|n'?t| isn'?t| aren'?t) (here|in|home|available|around)"
    r"|(husband|wife|son|daughter|assistant|secretary) speaking",
    "move": r"reschedul|move (it|the|my|that)|(another|different|other) (day|time|date|slot)|postpone"
    r"|change (it|the|my) (appointment|time|date|day)|(can'?t|cannot|won'?t) (make|come|be there)",
    "cancel": r"\bcancel",
    "later": r"call( me| us)? (back|later|again|tomorrow|tonight|at|on|in|another|some other|next)|call back|ring me"
    r"|(bad|not a good|wrong) (time|moment)|\bbusy\b|driving|in a meeting|(another|some other) time|talk later|^\W*later\W*$",
    "human": r"(speak|talk)( directly)? (to|with) (a |an |some|the |your )?"
    r"(human|person|someone|somebody|agent|representative|manager|colleague|advisor|expert|real)"
    r"|real person|human being|\boperator\b|representative",
    "who": r"who (is|are|'s) (this|you|calling|that|speaking)|who'?s (this|calling|that)|who am i (speaking|talking)"
    r"|(what|which) company|what is this about"
    r"|where are you calling from|are you (a |an )?(robot|bot|machine|real|human|ai|computer)",
    "hesitate": r"\bum+\b|\buh+\b|\bhm+\b|not (really |quite )?sure|\bmaybe\b|i (don'?t|do not) know"
    r"|rather not say|let me think|think about it"
    r"|\bperhaps\b|it depends|too expensive",
    "not_interested": r"not interested|no interest|don'?t bother",
    "hello": r"^\W*(hello|hi|hey)\W*((hello|hi|yes)\W*)?$",
    "repeat": r"\bpardon\b|(say|repeat) that|still there|say it again|come again|didn'?t (hear|catch|understand|get)"
    r"|what did you say|can you repeat|do(n'?t| not) understand|^\W*(what|sorry|huh)\W*$",
    "goodbye": r"good ?bye|\bbye\b|have a (good|nice|great)|take care",
    "foreign": r"no (hablo|entiendo)|lo siento|(don'?t|do not) (speak|understand) (any )?(english|chinese)|habla espa|non capisco"
    r"|je ne (parle|comprends)|kein (englisch|deutsch)|ich spreche|não falo|no ingl|不会(说|讲)?英语|听不懂|[\u4e00-\u9fff]{3}",
    "no": r"\bno\b|\bnope\b|\bnah\b|(?<!why )\bnot\b|\bnever\b|\bdon'?t\b|\bdo not\b|\bcan'?t\b|\bwon'?t\b|\bhaven'?t\b",
    "yes": r"\b(yes|yeah|yep|yup|sure|ok|okay|of course|certainly|absolutely|correct|that'?s (right|me|fine)|speaking"
    r"|definitely|please do|sounds good|gladly|go ahead|i (will|do)\b(?! not)|works for me|i'?ll be there)\b",
    "question": r"\?\s*$|^\s*(what|how|when|where|why|which|does|do you|is it|is there|are there|can you|could you)\b",
}
AFFIRMS_NOT = r"\bnot (yes|ok|okay|correct|right|speaking|really|sure)|no,? (of course|problem)"
OPENING_ASKS_WHO = r"(speaking|talking) (with|to)|is this (?!a good|a bad)|am i through to|may i speak|can i speak"

PHRASES = {
    "introduce": "Hello, this is {agent}, an automated voice assistant calling for {company}.",
    "who": "This is {agent}, an automated voice assistant calling for {company}.",
    "screened": "This is {agent}, an automated assistant calling for {company}. I would like to speak to {name} for a minute.",
    "identity_again": "I am sorry, that does not match. {question}",
    "identity_failed": "I am sorry, I could not check who I am speaking with, so I cannot go on. Goodbye.",
    "appointment": "Thank you. Your appointment is {details}. Will you be there?",
    "appointment_bare": "I am calling about your appointment. Will you be there?",
    "appointment_choice": "Would you like to move the appointment, or to cancel it?",
    "offer_slots": "We have {slots}. Which one suits you?",
    "offer_one": "We have one other time. Would {slots} suit you?",
    "no_slots": "I have no other time to offer; my colleagues will call you.",
    "book": "I can book a time for you. We have {slots}. Which one suits you?",
    "slot_taken": "I am sorry, that time did not work. We have {slots}. Which one suits you?",
    "or": ", or ",
    "comma": ", ",
    "confirmed": "Thank you, your appointment is confirmed.",
    "moved": "Done, your appointment is now on {slot}.",
    "booked": "Done, you are booked for {slot}.",
    "cancelled": "All right, I have cancelled the appointment.",
    "not_done": "I am sorry, I could not do that; my colleagues will look after it.",
    "thanks": "Thank you.",
    "interest": "Would you like to hear more from us?",
    "follow_up": "Would you like us to follow up with you on this?",
    "reassure": "I understand. It costs you nothing to hear more, and you decide. ",
    "no_fact": "I do not have that at hand; a colleague can tell you. ",
    "not_caught": "Sorry, I did not catch that. ",
    "still_there": "Are you still there? ",
    "when_call": "When would be a good time to call you back?",
    "call_back_ok": "All right, we will call you back then. Goodbye.",
    "call_back_open": "All right, we will try again another time. Goodbye.",
    "call_back_refused": "I am sorry, we cannot call at that time. When else would suit you?",
    "connecting": "One moment please, I am connecting you.",
    "no_human": "I am an automated assistant, and nobody can take over now; a colleague can call you. ",
    "opted_out": "Understood, we will not call you again. Goodbye.",
    "wrong": "I am sorry for the mistake. Have a good day. Goodbye.",
    "gatekeeper": "Thank you, I will try again another time. Goodbye.",
    "foreign": "I am sorry, I only speak English. Goodbye.",
    "not_interested": "I understand. Thank you for your time. Goodbye.",
    "goodbye": "Thank you for your time. Goodbye.",
    "somebody": "the person in charge",
    "silence": "I cannot hear you, so I will end the call. Goodbye.",
}
