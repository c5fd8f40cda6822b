me-present-password = Su contraseña actual
me-back = Volver a su cuenta
me-change-password = Cambiar su contraseña
me-signed-out-elsewhere = En los demás dispositivos se cerrará la sesión.
me-remove-factor = Quitar el segundo factor
me-remove-factor-lead = Se pedirá menos al entrar, así que otros podrán entrar con más facilidad. En los demás dispositivos se cerrará la sesión.
me-remove = Quitarlo
me-erase = Borrar su cuenta
me-erase-mine = Borrar mi cuenta
me-erase-lead = Su cuenta desaparece con todo lo que se refiere a usted. Las aplicaciones que nadie comparte con usted se cierran y sus claves dejan de funcionar al instante. No se puede deshacer.
me-title = Su cuenta
me-export = Exportar todo como JSON
me-ways-in = Cómo entra usted
me-password-set = establecida
me-none = ninguno
me-password-none = ninguna
me-set-password = Establecer una contraseña
me-second-factor = Segundo factor
me-factor-in-use = { $count ->
    [one] en uso, queda { $count } código de recuperación
   *[other] en uso, quedan { $count } códigos de recuperación
}
me-linked = vinculado el { $day }
me-unlink = Desvincular { $provider }
me-only-way = su única forma de entrar
me-not-linked = sin vincular
me-link = Vincular { $provider }
me-sessions = Dónde tiene la sesión abierta
me-sign-out-everywhere = Cerrar la sesión en todas partes
me-sessions-table = Tabla de sesiones
me-device = Dispositivo
me-since = Desde
me-last-used = Último uso
me-end-it = Cerrarla
me-this-one = esta
me-end = Cerrar
me-end-on = : { $device }
me-kept = Lo que guardamos sobre usted
me-kept-lead = Todo, con su motivo y su plazo. La lectura de datos no deja aquí ningún rastro: las visitas se cuentan sin decir de quién eran.
me-kept-table = Tabla de lo guardado
me-what = Qué
me-content = Contenido
me-why = Por qué
me-until = Hasta
me-letters = Mensajes
me-letters-language = Idioma
me-letters-save = Guardar
me-letters-text = Los mensajes llegan en este idioma, y las páginas lo hablan en este navegador.
me-alerts = Mensajes sobre sus aplicaciones
me-alerts-table = Tabla de mensajes sobre sus aplicaciones
me-alerts-application = Aplicación
me-alerts-told = Se le avisa
me-alerts-change = Cambiar
me-alerts-none = de nada
me-alerts-quota = cuando se ha usado { $shares } de una cuota
me-alerts-errors = cuando falla el { $percent } % de las llamadas de una hora
me-alerts-silence = { $days ->
    [one] tras { $days } día sin llamadas
   *[other] tras { $days } días sin llamadas
}
me-alerts-choose = Elegir
me-alerts-off = Desactivar
me-part = { $name ->
    [set_up] configurado
    [in_use_since] en uso desde
    [recovery_codes_left] códigos de recuperación restantes
    [provider] proveedor
    [subject] identificador allí
    [email] dirección de correo
    [linked_at] vinculada
    [last_used_at] último uso
    [device] dispositivo
    [began] inicio
    [last_used] último uso
    [name] nombre
    [plan] plan
    [created_at] creado
    [letters_at_quota_percents] mensajes a estas partes de la cuota, en por ciento
    [letters_at_error_percent] mensaje a una parte de errores, en por ciento
    [letters_after_silent_days] mensaje tras días de silencio
    [organisation] organización
    [role] función
    [question] pregunta
    [asked_at] preguntado
    [title] título
   *[other] { $words }
}: { $value }
