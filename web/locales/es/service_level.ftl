service-level-description = Cómo responde el portal, según las llamadas que ha contestado.
service-level-lead = Cómo responde el portal, según las llamadas que de verdad ha contestado. Nada aquí es opinión de una sonda.
service-level-last = { $window ->
    [day] Las últimas 24 horas
    [week] Los últimos 7 días
   *[quarter] Los últimos 90 días
}
service-level-no-call = Ninguna llamada todavía.
service-level-available = <strong>{ $share }</strong> de { $calls } respuestas no fueron un fallo del portal. Un fallo es un estado de 500 o más; las páginas del propio portal no cuentan.
service-level-class-table = Tabla por tipo de llamada: { $window }
service-level-by-kind = Por tipo de llamada
service-level-kind = Tipo
service-level-calls = Llamadas
service-level-available-head = Disponible
service-level-itself = el propio portal
service-level-refusal-table = Tabla de rechazos por plan: { $window }
service-level-refused-by-plan = Rechazadas, por plan
service-level-refused = Rechazadas
service-level-share = Proporción
service-level-fresh = Datos al día
service-level-no-source = Ninguna fuente se recolecta según un calendario.
service-level-fresh-text = { $fresh } de { $all } fuentes programadas se recolectaron bien en menos del doble de su intervalo.
service-level-latest = La última recolección buena terminó el { $moment }.
service-level-oldest = La fuente que más espera se recolectó el { $moment }.
service-level-true = ¿Son ciertos estos números?
service-level-true-text = Cada llamada queda anotada en un archivo antes de que termine su respuesta. Las anotaciones se vuelven a contar y deben coincidir con lo sumado, con las sumas y con lo que se dice a los titulares de claves.
service-level-not-compared = Todavía no se ha comparado nada.
service-level-agree = <strong>Coinciden</strong> en todos los días comparados.
service-level-differ = <strong>Difieren en { $calls } llamadas.</strong> Se ha avisado al operador.
service-level-comparisons = Tabla de comparaciones
service-level-day = Día
service-level-compared = Comparado
service-level-files = Archivos recontados
service-level-recount = Recuento
service-level-added = Sumado
service-level-sums = Sumas
service-level-told = Dicho a titulares
service-level-difference = Diferencia
service-level-of = { $part } de { $whole }
service-level-still-written = Los archivos que aún se escriben se recuentan al cerrarse.
service-level-unreadable = Archivos ilegibles
service-level-unreadable-text = Se apartaron; lo que contienen falta en las sumas hasta que se reparen.
service-level-data = <a>Nivel de servicio como datos</a>, <a2>comparaciones como datos</a2>, <a3>uso de este portal como datos abiertos</a3>
