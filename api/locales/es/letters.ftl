letter-subject = { $title }: { $subject }
letter-register-subject = complete su registro
letter-register =
    Alguien, esperamos que usted, quiere registrar esta dirección en { $title }.

    Este enlace permite continuar, una sola vez, durante { $minutes } minutos:

    { $url }/register/confirm?token={ $token }

    Si no fue usted, ignore este mensaje: no se ha guardado nada.
letter-known-subject = usted tiene una cuenta
letter-known =
    Alguien, quizá usted, intentó registrar esta dirección en { $title }. Ya tiene una cuenta.

    Iniciar sesión: { $url }/sign-in
    Una contraseña nueva: { $url }/forgotten-password

    Si no fue usted, ignore este mensaje: nada ha cambiado.
letter-password-subject = elija una contraseña nueva
letter-password =
    Alguien, esperamos que usted, pidió una contraseña nueva en { $title }.

    Este enlace permite continuar, una sola vez, durante { $minutes } minutos:

    { $url }/forgotten-password/new?token={ $token }

    Si no fue usted, ignore este mensaje: su contraseña sigue igual.
letter-unknown-subject = no hay cuenta con esta dirección
letter-unknown =
    Alguien, quizá usted, pidió una contraseña nueva en { $title }. No hay ninguna cuenta con esta dirección.

    Registrarse: { $url }/register

    Si no fue usted, ignore este mensaje: no se ha guardado nada.
letter-adopt-subject = confirme su dirección
letter-adopt =
    Alguien, esperamos que usted, llegó a { $title } desde otro servicio y quiere continuar con esta dirección.

    Abra este enlace en el mismo navegador, durante { $minutes } minutos:

    { $url }/sign-in/identity-link?token={ $token }

    Si no fue usted, no lo abra. Nada ha cambiado.
letter-application-subject = confirme su dirección de correo
letter-application =
    Alguien registró una aplicación con esta dirección en { $title }.

    Si fue usted, abra este enlace para confirmar la dirección; su clave tendrá entonces los límites del plan abierto:

    { $url }/developers/verify?token={ $token }

    Si no fue usted, ignore este mensaje.
letter-owner-subject = gestione sus aplicaciones
letter-owner =
    Alguien, esperamos que usted, pidió gestionar las aplicaciones con esta dirección en { $title }.

    Este enlace las abre, una sola vez, durante { $minutes } minutos:

    { $url }/developers/manage?token={ $token }

    Si no fue usted, ignore este mensaje: nada ha cambiado.
letter-leak-subject = una clave hallada en público fue revocada
letter-leak =
    Alguien nos mostró completa una clave de su aplicación «{ $name }»: «{ $key }», que empieza por { $hint }. Quien puede mostrarla podría usarla, así que se revocó enseguida; las llamadas con ella se rechazan.

    Cree aquí una clave nueva y manténgala fuera de código y páginas públicos:

    { $url }/developers/applications/{ $id }

    Sus otras claves funcionan como antes.
letter-token-leak-subject = un token de publicación hallado en público fue revocado
letter-token-leak =
    Alguien nos mostró completo su token de publicación «{ $name }» para { $publisher }, que empieza por { $hint }. Quien puede mostrarlo podría publicar con él, así que se revocó enseguida; las llamadas con él se rechazan.

    Cree aquí un token nuevo y manténgalo fuera de código y páginas públicos. Sus otros tokens funcionan como antes.

    { $url }/workspace/yours

    Lo que se hizo últimamente para el organismo está en la auditoría:

    { $url }/workspace/audit
letter-quota-subject = { $percent } % de la cuota { $policy } usado
letter-quota =
    Su aplicación «{ $name }» ha usado el { $percent } % de su cuota { $policy }: { $quota } unidades por ventana. La ventana se renueva el { $turns }. { $what }

    Los planes son iguales para todos: { $url }/transparency
    Vea su uso: { $url }/developers/applications/{ $id }/usage
letter-quota-refused = Hasta entonces, las llamadas se rechazan con el estado 429.
letter-quota-soon = Todavía no se rechaza nada; al 100 % las llamadas se rechazan con el estado 429 hasta entonces.
letter-errors-subject = falló el { $share } % de las llamadas de { $name }
letter-errors =
    Su aplicación «{ $name }» hizo { $calls } llamadas en la hora que empieza el { $hour }. Fallaron { $failed } ({ $share } %): se respondieron con un estado de 400 o superior. Usted pidió que se le avisara a partir del { $percent } %. Hay como mucho un mensaje así al día.

    Vea cuáles fallaron: { $url }/developers/applications/{ $id }/usage?period=hour&by=status
letter-silence-subject = ninguna llamada de { $name } desde hace { $span }
letter-silence =
    Su aplicación «{ $name }» no ha hecho ninguna llamada desde hace { $span }. { $last } Si debe descansar, todo está bien; recibe un solo mensaje por cada silencio.
letter-silence-span = { $days ->
    [one] { $days } día
   *[other] { $days } días
}
letter-silence-last = La última llegó antes del { $moment }.
letter-silence-never = Antes tampoco hubo ninguna.
letter-alert-foot =
    Elija de qué se le avisa: { $url }/developers/applications/{ $id }/usage#alerts
    Termine los mensajes de este tipo con un clic: { $off }
letter-organisation-subject = únase a { $name }
letter-organisation =
    Se le invita a ocuparse de las aplicaciones de «{ $name }» en { $title }.

    Este enlace acepta, una sola vez, durante { $days } días:

    { $url }/developers/invitation?token={ $token }

    Si no sabe de qué se trata, ignore este mensaje.
letter-publisher-subject = trabaje para { $name }
letter-publisher =
    Se le invita a ser { $role } de «{ $name }» en { $title }.

    Inicie sesión, o regístrese, y abra este enlace; acepta, una sola vez, durante { $days } días:

    { $url }/workspace/invitation?token={ $token }

    Si no sabe de qué se trata, ignore este mensaje.
letter-role = { $role ->
    [editor] editor
    [reviewer] revisor
    [manager] gestor
   *[other] { $role }
}
letter-suspended-subject = su aplicación está suspendida
letter-suspended =
    Su aplicación «{ $name }» (número { $number }) fue suspendida en { $title }. Las llamadas con sus claves se rechazan.

    Fundamento: { $ground }
    Motivo: { $reason }

    Se revisa de nuevo a más tardar el { $review }.{ $end }

    El registro público dice lo mismo, por número y sin su nombre: { $url }/transparency/register/{ $entry }

    Si es un error, responda al equipo del portal.
letter-suspended-ends = Termina por sí sola el { $day }.
letter-reinstated-subject = su aplicación vuelve a funcionar
letter-reinstated =
    La suspensión de su aplicación «{ $name }» (número { $number }) ha terminado: { $reason }.

    Sus claves funcionan como antes. El registro conserva la entrada: { $url }/transparency/register/{ $entry }
letter-plan-subject-later = su aplicación pasa al plan { $to } el { $day }
letter-plan-subject = su aplicación está en el plan { $to }
letter-plan-later = Su aplicación «{ $name }» ya no cumple la regla publicada de su plan { $from }. Si no vuelve a cumplirla, pasa al plan { $to } el { $day }.
letter-plan = Según las reglas publicadas, su aplicación «{ $name }» pasó del plan { $from } al plan { $to }.
letter-plan-figures = La regla del plan { $from } pide { $needed } de los últimos 30 días con al menos { $units } unidades; hubo { $reached }.
letter-plan-foot =
    Las reglas y los límites son iguales para todos: { $url }/transparency
    Sus propias cifras: { $url }/api/v1/applications/{ $id }/eligibility
letter-confirm-subject = por favor, confirme
letter-confirm =
    Alguien, esperamos que usted, dijo en { $title } que usted quiere { $what }

    Abra este enlace durante { $days } días para confirmarlo; antes no pasa nada:

    { $url }/confirm?token={ $token }

    Si no fue usted, ignore este mensaje: su dirección se olvida entonces.
letter-about-dataset = seguir el conjunto de datos «{ $name }»
letter-about-publisher = seguir al publicador «{ $name }»
letter-about-search = seguir la búsqueda { $name }
letter-about-question = preguntar esto en el conjunto de datos «{ $name }»:
letter-about-request = pedir estos datos: «{ $name }»
letter-about-support = apoyar la solicitud «{ $name }»
letter-happened = { $kind ->
    [dataset-created] nuevo
    [dataset-withdrawn] retirado
    [dataset-restored] público de nuevo
    [table-published] datos nuevos
   *[other] actualizado
}
letter-changes-of = cambios de { $name }
letter-changes-count = { $count ->
    [one] { $count } cambio de lo que sigue
   *[other] { $count } cambios de lo que sigue
}
letter-changed = { $rhythm ->
    [daily] Esto cambió desde ayer:
    [weekly] Esto cambió en la última semana:
   *[other] Esto cambió:
}
letter-changed-gone = Lo que cambió ya no es público.
letter-changed-more = … y { $count } conjuntos de datos más, que enumera su página.
letter-you-follow = Usted sigue:
letter-stop = terminar: { $link }
letter-changes-foot =
    Todo lo que sigue, y lo que se entregó:
    { $page }

    Terminar estos mensajes:
    { $link }
letter-question-subject = su pregunta fue respondida
letter-question =
    Usted preguntó en «{ $name }»:

    { $question }

    El publicador responde:

    { $answer }

    Ambas cosas están aquí:
    { $url }/datasets/{ $slug }#questions
letter-request-subject = { $state ->
    [open] { $name } está abierta
    [under-review] { $name } se está estudiando
    [planned] { $name } se atenderá
    [published] { $name } está atendida: los datos están publicados
   *[other] { $name } fue rechazada
}
letter-request = { $state ->
    [open] La solicitud «{ $name }» está abierta.
    [under-review] La solicitud «{ $name }» se está estudiando.
    [planned] La solicitud «{ $name }» se atenderá.
    [published] La solicitud «{ $name }» está atendida: los datos están publicados.
   *[other] La solicitud «{ $name }» fue rechazada.
}
letter-request-data = Los datos:
letter-request-foot = La solicitud, y todo lo que se dijo de ella:
letter-harvest-subject = { $state ->
    [awaiting] la recolección de { $source } necesita su aprobación
    [failed] la recolección de { $source } falló
    [cancelled] la recolección de { $source } se detuvo
    [mend] la recolección de { $source } ha terminado, y algunos registros necesitan corrección
    [done] la recolección de { $source } ha terminado
   *[other] la recolección de { $source } está en curso
}
letter-harvest = { $state ->
    [awaiting] La recolección de { $source } necesita su aprobación.
    [failed] La recolección de { $source } falló.
    [cancelled] La recolección de { $source } se detuvo.
    [mend] La recolección de { $source } ha terminado, y algunos registros necesitan corrección.
    [done] La recolección de { $source } ha terminado.
   *[other] La recolección de { $source } está en curso.
}
letter-harvest-count = { $what ->
    [found] encontrados
    [created] creados
    [updated] actualizados
    [unchanged] sin cambios
    [deleted] eliminados
    [refused] rechazados
   *[other] fallidos
}
letter-harvest-braked = Retiraría { $braked } de { $before } conjuntos de datos. No se retira nada hasta que alguien lo apruebe.
letter-harvest-foot =
    Qué fue de cada registro, y qué hay que corregir:
    { $url }/workspace/jobs/{ $job }

    Quién recibe estos mensajes, y cuándo, se decide aquí:
    { $url }/workspace/sources/{ $source }/contacts
letter-untitled = sin título
letter-submitted-subject = un borrador de { $publisher } espera revisión
letter-submitted = El borrador «{ $name }» de { $publisher } se envió y espera a que alguien lo apruebe o lo devuelva.
letter-submitted-held = El borrador «{ $name }» de { $publisher } se envió y espera revisión. El control de datos personales lo retiene: vea primero qué se encontró y decida sobre ello; antes no puede publicarse.
letter-returned-subject = su borrador fue devuelto
letter-returned = La revisión devolvió el borrador «{ $name }» de { $publisher }, con comentarios sobre lo que hay que corregir.
letter-approved-subject = su borrador fue aprobado
letter-approved = El borrador «{ $name }» de { $publisher } fue aprobado. Será público a su hora.
letter-published-subject = su borrador es público
letter-published = El borrador «{ $name }» de { $publisher } está publicado: todos pueden leerlo.
letter-release-failed-subject = su borrador no se pudo publicar
letter-release-failed = Llegó la hora del borrador «{ $name }» de { $publisher }, y algo se interpone. Se intenta de nuevo.
letter-draft-held-subject = el control de datos personales retiene su borrador
letter-draft-held = El borrador «{ $name }» de { $publisher } parece contener datos personales. No se publica antes de que un revisor lo haya mirado.
letter-held-subject = el control de datos personales retiene algo
letter-held = Archivos o descripciones que retiene el control de datos personales: { $held }. Esperan a un revisor.
letter-held-of = Archivos o descripciones de { $publisher } que retiene el control de datos personales: { $held }. Esperan a un revisor.
letter-work-foot = Para terminar estos mensajes: { $url }/workspace/yours
