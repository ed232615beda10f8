from suppression.words.base import Words

WORDS = Words(
    itself="Français",
    language="Langue",
    unsubscribe="Se désabonner ?",
    unsubscribe_from="Se désabonner de « {topic} » ?",
    takes_effect="Choisissez ce que vous ne souhaitez plus recevoir. L’effet est immédiat.",
    stop_topic="Arrêter « {topic} »",
    stop_all="Arrêter tous les e-mails publicitaires",
    stop_all_too="Arrêter aussi tous les autres e-mails publicitaires",
    not_affected="Les e-mails concernant vos commandes et votre compte ne changent pas.",
    unsubscribed="Vous êtes désabonné(e)",
    no_more_of="Vous ne recevrez plus d’e-mails au sujet de « {topic} ».",
    no_more="Vous ne recevrez plus d’e-mails publicitaires de notre part.",
    choose_instead="Choisir ce que vous recevez",
    preferences="Que souhaitez-vous recevoir ?",
    preferences_why="Cochez ce qui vous intéresse. L’effet est immédiat dès l’enregistrement.",
    save="Enregistrer",
    saved="Votre choix est enregistré.",
    none_of_it="Il n’y a rien à choisir pour le moment.",
    subscribed="Sujets",
    cannot_be_mailed="Des e-mails envoyés à votre adresse ont été renvoyés ou signalés comme "
    "indésirables ; nous n’en envoyons plus. Répondez à notre dernier e-mail pour changer cela.",
    agree_to="Oui, envoyez-moi des e-mails au sujet de « {topic} ».",
    confirm="Merci de confirmer",
    confirm_why="Appuyez sur le bouton pour recevoir des e-mails au sujet de « {topic} ».",
    confirm_button="Oui, je confirme",
    confirmed="Merci, c’est confirmé",
    confirmed_why="Nous pouvons désormais vous écrire au sujet de « {topic} ». Vous pouvez vous "
    "désabonner à tout moment.",
    not_you="Ce n’était pas vous ? Fermez simplement cette page : rien ne sera envoyé.",
    bad_link="Ce lien ne fonctionne pas",
    bad_link_why="Une partie manque ou a été modifiée en route ; nous ne pouvons pas savoir de quels e-mails il "
    "s’agit. "
    "Rien n’a été changé.",
    bad_link_then="Ouvrez de nouveau le lien dans l’e-mail. Si cela échoue, répondez à l’e-mail pour nous le dire.",
    privacy_signal="Votre navigateur demande que vos données ne soient ni vendues ni partagées (Global Privacy "
    "Control). "
    "Nous le respectons : les sujets qui l’exigeraient sont décochés et le restent si vous enregistrez ici.",
    privacy_policy="Politique de confidentialité",
)
