from suppression.words.base import Words

WORDS = Words(
    itself="Español",
    language="Idioma",
    unsubscribe="¿Darse de baja?",
    unsubscribe_from="¿Darse de baja de «{topic}»?",
    takes_effect="Elija lo que ya no quiere recibir. Tiene efecto inmediato.",
    stop_topic="Dejar «{topic}»",
    stop_all="Dejar todo el correo publicitario",
    stop_all_too="Dejar también el resto del correo publicitario",
    not_affected="El correo sobre sus pedidos y su cuenta no cambia.",
    unsubscribed="Se ha dado de baja",
    no_more_of="No recibirá más correo sobre «{topic}».",
    no_more="No recibirá más correo publicitario nuestro.",
    choose_instead="Elegir lo que recibe",
    preferences="¿Qué le gustaría recibir?",
    preferences_why="Marque lo que le interesa. Tiene efecto en cuanto guarde.",
    save="Guardar",
    saved="Su elección está guardada.",
    none_of_it="Por ahora no hay nada que elegir.",
    subscribed="Temas",
    cannot_be_mailed="El correo a su dirección fue devuelto o marcado como no deseado, así que no "
    "enviamos más. Responda a nuestro último correo para cambiarlo.",
    agree_to="Sí, quiero recibir correo sobre «{topic}».",
    confirm="Confirme, por favor",
    confirm_why="Pulse el botón para recibir correo sobre «{topic}».",
    confirm_button="Sí, confirmo",
    confirmed="Gracias, está confirmado",
    confirmed_why="A partir de ahora podemos escribirle sobre «{topic}». Puede darse de baja cuando quiera.",
    not_you="Si no ha sido usted, cierre esta página: no se enviará nada.",
    bad_link="Este enlace no funciona",
    bad_link_why="Falta una parte o se modificó por el camino, así que no sabemos de qué correo se trata. No se ha "
    "cambiado nada.",
    bad_link_then="Abra de nuevo el enlace del correo. Si no funciona, responda al correo y díganoslo.",
    privacy_signal="Su navegador pide que sus datos no se vendan ni se compartan (Global Privacy Control). Lo "
    "respetamos: los temas que lo necesitarían están desmarcados y seguirán así si guarda algo aquí.",
    privacy_policy="Política de privacidad",
)
