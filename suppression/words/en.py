from suppression.words.base import Words

WORDS = Words(
    itself="English",
    language="Language",
    unsubscribe="Unsubscribe?",
    unsubscribe_from="Unsubscribe from “{topic}”?",
    takes_effect="Choose what you no longer want to receive. It takes effect at once.",
    stop_topic="Stop “{topic}”",
    stop_all="Stop all marketing email",
    stop_all_too="Stop all marketing email too",
    not_affected="Email about your orders and your account is not affected.",
    unsubscribed="You are unsubscribed",
    no_more_of="You will get no more email about “{topic}”.",
    no_more="You will get no more marketing email from us.",
    choose_instead="Choose what you receive",
    preferences="What would you like to receive?",
    preferences_why="Tick what interests you. It takes effect as soon as you save.",
    save="Save",
    saved="Your choice is saved.",
    none_of_it="There is nothing to choose from at the moment.",
    subscribed="Topics",
    cannot_be_mailed="Mail to your address came back or was reported as unwanted, so we do not send "
    "any. Reply to our last email to change that.",
    agree_to="Yes, email me about “{topic}”.",
    confirm="Please confirm",
    confirm_why="Press the button to receive email about “{topic}”.",
    confirm_button="Yes, confirm",
    confirmed="Thank you, it is confirmed",
    confirmed_why="From now on we may email you about “{topic}”. You can leave at any time.",
    not_you="If this was not you, simply close this page: nothing will be sent.",
    bad_link="This link does not work",
    bad_link_why="Some part of it is missing or was changed on the way, so we cannot tell whose mail it is about. "
    "Nothing was changed.",
    bad_link_then="Please open the link in the email once more. If that fails, reply to the email and tell us.",
    privacy_signal="Your browser asks not to have your data sold or shared (Global Privacy Control). We heed that: "
    "topics that would need it are off, and saving anything here keeps them off.",
    privacy_policy="Privacy policy",
)
