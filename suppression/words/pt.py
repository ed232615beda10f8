from suppression.words.base import Words

WORDS = Words(
    itself="Português",
    language="Idioma",
    unsubscribe="Cancelar a subscrição?",
    unsubscribe_from="Cancelar a subscrição de “{topic}”?",
    takes_effect="Escolha o que já não quer receber. Tem efeito imediato.",
    stop_topic="Parar “{topic}”",
    stop_all="Parar todos os e-mails publicitários",
    stop_all_too="Parar também todos os outros e-mails publicitários",
    not_affected="Os e-mails sobre as suas encomendas e a sua conta não mudam.",
    unsubscribed="A subscrição foi cancelada",
    no_more_of="Não receberá mais e-mails sobre “{topic}”.",
    no_more="Não receberá mais e-mails publicitários nossos.",
    choose_instead="Escolher o que recebe",
    preferences="O que gostaria de receber?",
    preferences_why="Assinale o que lhe interessa. Tem efeito assim que guardar.",
    save="Guardar",
    saved="A sua escolha está guardada.",
    none_of_it="De momento não há nada para escolher.",
    subscribed="Temas",
    cannot_be_mailed="Os e-mails para o seu endereço foram devolvidos ou marcados como indesejados, "
    "por isso não enviamos mais. Responda ao nosso último e-mail para mudar isso.",
    agree_to="Sim, quero receber e-mails sobre “{topic}”.",
    confirm="Confirme, por favor",
    confirm_why="Carregue no botão para receber e-mails sobre “{topic}”.",
    confirm_button="Sim, confirmo",
    confirmed="Obrigado, está confirmado",
    confirmed_why="A partir de agora podemos escrever-lhe sobre “{topic}”. Pode cancelar a qualquer momento.",
    not_you="Se não foi você, feche esta página: nada será enviado.",
    bad_link="Esta ligação não funciona",
    bad_link_why="Falta uma parte ou foi alterada pelo caminho, por isso não sabemos de que e-mails se trata. Nada foi "
    "alterado.",
    bad_link_then="Abra outra vez a ligação no e-mail. Se não funcionar, responda ao e-mail e diga-nos.",
    privacy_signal="O seu navegador pede que os seus dados não sejam vendidos nem partilhados (Global Privacy "
    "Control). "
    "Respeitamos isso: os temas que precisariam disso estão desmarcados e assim ficam se guardar alguma coisa aqui.",
    privacy_policy="Política de privacidade",
)
