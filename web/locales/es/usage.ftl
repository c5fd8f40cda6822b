usage-calls = Llamadas
usage-units = Unidades
usage-data = Datos
usage-errors = Errores
usage-refused = Rechazadas
usage-from-cache = De la caché
usage-unchanged = Sin cambios
usage-use = Uso
usage-lead = Cada llamada contestada, contada en segundos. Los operadores ven estos números y no otros.
usage-small-numbers = Se omiten los números con menos de cinco usuarios detrás, y con ellos el menor de los demás, para que nadie se trasluzca.
usage-in-all = En total
usage-portal-errors = Errores del portal
usage-refused-free = Rechazadas, sin coste
usage-time = Tiempo de respuesta
usage-time-text = la mitad en { $p50 }, el 95 % en { $p95 }, el 99 % en { $p99 }
usage-over-time = A lo largo del tiempo
usage-by = Por
usage-period-minute = minuto
usage-period-hour = hora
usage-period-day = día
usage-kept = (UTC). Los minutos se guardan 7 días, las horas 90 días, los días para siempre.
usage-no-call = Ninguna llamada todavía.
usage-chart = Llamadas de { $from } a { $to }, hasta { $most } en un intervalo
usage-bar = { $calls ->
    [one] { $step }: { $calls } llamada
   *[other] { $step }: { $calls } llamadas
}
usage-table-time = Tabla del uso a lo largo del tiempo
usage-from = Desde
usage-same = <a>Lo mismo como datos</a>, <a2>como CSV</a2>
usage-by-what = { $by ->
    [operation] Por operación
    [dataset] Por conjunto de datos
    [status] Por estado
   *[class] Por tipo de llamada
}
usage-table-by = Tabla de uso: { $by }
usage-head = { $by ->
    [operation] Operación
    [dataset] Conjunto de datos
    [status] Estado
   *[class] Tipo de llamada
}
usage-title = Uso de { $name }
usage-agency-title = Uso de los datos de { $name }
usage-no-dataset = ningún conjunto de datos en particular
usage-troubles = Errores y rechazos
usage-troubles-chart = Errores y rechazos de { $from } a { $to }, hasta { $most } en un paso
usage-times-chart = Tiempo de respuesta de { $from } a { $to }: mediana, percentiles 95 y 99, hasta { $most }
usage-times-legend = p50 continua, p95 a rayas, p99 punteada
usage-alerts = Mensajes
usage-alerts-lead = Los mensajes van a { $email }, en el idioma de la cuenta que tiene esa dirección. Cada uno se envía una sola vez.
usage-alerts-lead-owners = Los mensajes van a los propietarios de la organización, a cada uno en el idioma de su cuenta. Cada uno se envía una sola vez.
usage-alerts-quota = Cuando se ha usado tal parte de una cuota
usage-alerts-quota-hint = Un mensaje por parte y ventana.
usage-alerts-percent = { $percent } %
usage-alerts-errors = Cuando fallan llamadas
usage-alerts-errors-hint = La parte de las llamadas de una hora que se responden con un estado de 400 o superior, a partir de { $fewest } llamadas. Un mensaje al día como mucho.
usage-alerts-never = ningún mensaje
usage-alerts-from-percent = a partir del { $percent } %
usage-alerts-silence = Cuando ya no llega ninguna llamada
usage-alerts-silence-hint = Un mensaje por silencio.
usage-alerts-after-days = { $days ->
    [one] tras { $days } día
   *[other] tras { $days } días
}
usage-alerts-save = Guardar
usage-alerts-off = Desactivar todos los mensajes
usage-alert-kind-quota = se ha usado una parte de una cuota
usage-alert-kind-errors = fallan llamadas
usage-alert-kind-silence = ya no llega ninguna llamada
usage-alert-end-title = ¿Terminar estos mensajes?
usage-alert-end-text = Mensajes sobre { $name }, cuando { $kind }.
usage-alert-end = Terminarlos
usage-alert-ended-title = Estos mensajes han terminado
usage-alert-ended-text = Ya no se le escribe sobre { $name } cuando { $kind }. Todo lo demás sigue igual.
