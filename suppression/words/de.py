from suppression.words.base import Words

WORDS = Words(
    itself="Deutsch",
    language="Sprache",
    unsubscribe="Abmelden?",
    unsubscribe_from="Von „{topic}“ abmelden?",
    takes_effect="Wählen Sie, was Sie nicht mehr erhalten möchten. Es gilt sofort.",
    stop_topic="„{topic}“ beenden",
    stop_all="Alle Werbe-E-Mails beenden",
    stop_all_too="Auch alle anderen Werbe-E-Mails beenden",
    not_affected="E-Mails zu Ihren Bestellungen und Ihrem Konto erhalten Sie weiterhin.",
    unsubscribed="Sie sind abgemeldet",
    no_more_of="Sie erhalten keine E-Mails mehr zu „{topic}“.",
    no_more="Sie erhalten von uns keine Werbe-E-Mails mehr.",
    choose_instead="Auswählen, was Sie erhalten",
    preferences="Was möchten Sie erhalten?",
    preferences_why="Kreuzen Sie an, was Sie interessiert. Es gilt, sobald Sie speichern.",
    save="Speichern",
    saved="Ihre Auswahl ist gespeichert.",
    none_of_it="Zurzeit gibt es nichts auszuwählen.",
    subscribed="Themen",
    cannot_be_mailed="E-Mails an Ihre Adresse kamen zurück oder wurden als unerwünscht gemeldet, "
    "deshalb schicken wir keine. Antworten Sie auf unsere letzte E-Mail, um das zu ändern.",
    agree_to="Ja, schreiben Sie mir E-Mails zu „{topic}“.",
    confirm="Bitte bestätigen",
    confirm_why="Mit der Schaltfläche bestätigen Sie, dass Sie E-Mails zu „{topic}“ erhalten möchten.",
    confirm_button="Ja, bestätigen",
    confirmed="Danke, das ist bestätigt",
    confirmed_why="Wir dürfen Ihnen nun E-Mails zu „{topic}“ schicken. Sie können sich jederzeit abmelden.",
    not_you="Waren Sie das nicht? Dann schließen Sie diese Seite einfach: Es wird nichts verschickt.",
    bad_link="Dieser Link funktioniert nicht",
    bad_link_why="Ein Teil davon fehlt oder wurde unterwegs verändert. Wir können nicht erkennen, um wessen E-Mails es "
    "geht. Es wurde nichts geändert.",
    bad_link_then="Öffnen Sie den Link in der E-Mail bitte noch einmal. Hilft das nicht, antworten Sie uns auf die "
    "E-Mail.",
    privacy_signal="Ihr Browser verlangt, dass Ihre Daten nicht verkauft oder weitergegeben werden (Global Privacy "
    "Control). Wir halten uns daran: Themen, die das bräuchten, sind abgewählt und bleiben es, wenn Sie "
    "hier speichern.",
    privacy_policy="Datenschutzerklärung",
)
