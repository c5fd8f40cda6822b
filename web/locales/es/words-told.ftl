words-told-alarm-differ = Los segmentos, las sumas y las páginas de los titulares difieren en { $a } peticiones; véase /service-level
words-told-alarm-quarantine = { $a } segmentos de uso no se pueden leer; están en <code>usage/quarantine</code>
words-told-alarm-unsynced = Los segmentos de uso no se pueden guardar de forma duradera en el disco
words-told-alarm-not-summed = El uso no se ha sumado desde hace { $a } s
words-told-plan-keyless = Para todos, sin pedirlo: se cuenta por dirección de red, que nunca se guarda
words-told-plan-starter = Una clave al momento, antes de confirmar la dirección de correo
words-told-plan-open = El plan ordinario: una clave cuyo titular confirmó la dirección de correo
words-told-plan-high-volume = Para servicios de uso intenso y continuado; decide la regla publicada y nadie más
words-told-verification-rule = Un miembro ha confirmado una dirección de correo cuyo servidor es el dominio de la organización o uno por debajo, y en ese dominio no cualquiera obtiene un buzón
words-told-passes-on = Se aprueba solo el { $a }
words-told-screen-addresses = Calles y números, en filas que son personas
words-told-screen-positions = Posiciones a diez metros o menos, en filas que son personas
words-told-screen-nobodys-business = El nombre de la columna o sus códigos dicen lo que a nadie le importa, en filas que son personas
words-told-screen-small-counts = { $a } recuentos de uno a cuatro, junto a lo que distingue a personas
words-told-screen-texts-some = { $a } de { $b } textos
words-told-screen-texts-persons = Se nombra o se habla de personas en al menos { $a } de { $b } textos
words-told-screen-names = 
    Por el nombre de la columna, la forma de sus valores y los nombres conocidos, son { $kind ->
        [names-of-persons] nombres de personas
        [given-names] nombres de pila
        [family-names] apellidos
       *[other] { $a }
    }
words-told-screen-by-name = 
    La columna se llama como { $kind ->
        [a-bank-account] una cuenta bancaria
        [a-driving-licence] un permiso de conducir
        [a-passport] un pasaporte
        [a-password] una contraseña
        [a-payment-card] una tarjeta de pago
        [an-identifier-of-devices] un identificador de dispositivos
        [an-identifier-of-persons] un identificador de personas
       *[other] { $a }
    }, y sus valores podrían serlo
words-told-screen-iban = Los valores tienen la forma, la longitud y los dígitos de control de un IBAN
words-told-screen-cards = El { $a } % de los valores está en el rango de un emisor y supera el control de Luhn
words-told-screen-travel = Hay líneas de documentos de viaje legibles por máquina
words-told-screen-plates = El { $a } % de los valores está escrito como matrículas de vehículos
words-told-screen-ip = Los valores son direcciones de la internet pública
words-told-screen-mac = Los valores son direcciones de red de dispositivos
words-told-screen-mail-office = Los buzones son de organismos: llevan el nombre de una función o del propio organismo, o están en el dominio de un organismo público
words-told-screen-mail-public = Los buzones están en dominios de organismos públicos
words-told-screen-mail-personal = { $a } de { $b } direcciones llevan nombres de personas o están en proveedores de uso privado
words-told-screen-phone = El { $a } % de los valores son números de teléfono por prefijo, plan o agrupación
words-told-screen-birth = La columna se llama fecha de nacimiento, y sus valores son fechas
words-told-screen-birth-range = Fechas de { $a } a { $b } junto a personas
words-told-screen-national = El { $a } % de los valores son «{ $b }» por longitud, forma y control; por azar sería el { $c } %
words-told-screen-property = Las propiedades de un documento nombran a una persona; salen con el archivo
words-told-screen-groups = El grupo más pequeño que coincide en estas columnas tiene { $a } filas; el { $b } % de todas las filas está solo
words-told-read-encoding = texto en { $a }
words-told-read-other = 
    columnas separadas por { $kind ->
        [commas] comas
        [semicolons] puntos y comas
        [tabs] tabuladores
        [vertical-bars] barras verticales
        [colons] dos puntos
        [spaces] espacios
       *[other] { $a }
    }
words-told-read-decimals = decimales con coma
words-told-read-no-header = sin fila de encabezado: las columnas están numeradas
words-told-reason-many = más campos que columnas
words-told-reason-few = menos campos que columnas
words-told-reason-quote = una comilla que nunca se cierra
words-told-reason-long = un campo más largo que el límite
words-told-reason-nul = un byte que ningún texto contiene (NUL)
words-told-note-below = Debajo de la tabla: { $a }
words-told-note-above = Encima de la tabla: { $a }
words-told-note-empty-rows = Filas vacías omitidas: { $a }
words-told-note-headers = Filas que repiten el encabezado, omitidas: { $a }
words-told-note-bytes = Algunos bytes no son { $a } válido; se muestran como U+FFFD
words-told-note-unique = La unicidad se comprobó en las primeras { $a } filas
words-told-note-no-header = El archivo no tiene encabezado; sus columnas se nombran por su lugar
words-told-note-wider = Las filas tienen { $a } campos y el encabezado nombra { $b }; los demás se nombran por su lugar
words-told-note-pattern = El patrón que el esquema publicado da para <code>{ $a }</code> no se puede usar
words-told-note-hex = Los bytes se dan en dígitos hexadecimales: { $a }
words-told-note-nan = <code>{ $a }</code>: { $b } valores NaN o infinitos quedan vacíos
words-told-note-no-crs = No se nombra ningún sistema de coordenadas; las posiciones se tomaron como WGS 84
words-told-note-turned = Las formas se convirtieron de su proyección a WGS 84
words-told-note-no-dbf = No hay <code>.dbf</code> junto a las formas, así que no hay atributos
words-told-note-years = Los años de <code>{ $a }</code> tienen dos cifras: de 69 a 99 se leen como 1969 a 1999, los demás como 2000 a 2068
words-told-me-email = Dirección de correo
words-told-me-name = Nombre
words-told-me-role = Función
words-told-me-made = Cuenta creada
words-told-me-confirmed = Dirección confirmada
words-told-me-language = Idioma de los mensajes
words-told-me-password = Contraseña
words-told-me-factor = Segundo factor
words-told-me-identity = Identidad vinculada
words-told-me-session = Sesión
words-told-me-application = Aplicación
words-told-me-membership = Pertenencia
words-told-me-letters-waiting = Mensajes para usted en camino
words-told-me-tries = Intentos de inicio de sesión
words-told-me-letters-counted = Mensajes contados
words-told-me-confirmed-address = Dirección confirmada
words-told-me-follow = Seguimiento
words-told-me-delivery = Entrega
words-told-me-question = Pregunta
words-told-me-request = Petición de datos
words-told-me-support = Apoyo a una petición
words-told-why-sign-in-write = para iniciar sesión y escribirle
words-told-why-address = para dirigirnos a usted; solo lo ven usted y los operadores
words-told-why-role = para saber qué puede hacer
words-told-why-age = para saber de cuándo es la cuenta
words-told-why-yours = para saber que es suya
words-told-why-language = para escribirle en su idioma
words-told-why-sign-in = para iniciar sesión
words-told-why-codes = para comprobar los códigos de su aplicación
words-told-why-provider = para iniciar sesión con ese proveedor
words-told-why-session = para mantener su sesión
words-told-why-keys = para darle claves y mostrar su uso
words-told-why-share = para compartir aplicaciones con otros
words-told-why-send = para enviarlos
words-told-why-guess = para frenar a quien adivina contraseñas
words-told-why-flood = para que nadie inunde su buzón
words-told-why-follow-write = para escribirle sobre lo que sigue
words-told-why-changes = para avisarle de cambios
words-told-why-delivered = para mostrarle qué llegó y qué falló
words-told-why-answer = para darle la respuesta; nadie más sabe que es suya
words-told-why-count = para contarle una vez y darle la respuesta
words-told-until-erased = hasta que borre su cuenta
words-told-until-factor = hasta que lo quite
words-told-until-unlinked = hasta que la desvincule
words-told-until-latest = { $a } como muy tarde
words-told-until-closed = hasta que la cierre o borre su cuenta; quedan las sumas de su uso, solo bajo su número
words-told-until-leave = hasta que se vaya
words-told-until-sent = hasta que se envíen, dos días como máximo
words-told-until-quarter = un cuarto de hora
words-told-until-day = un día
words-told-until-90-days = 90 días
words-told-until-nothing = hasta que ya no siga, pregunte ni apoye nada
words-told-until-unfollow = hasta que deje de seguir
words-told-until-taken-back = hasta que la retire, o se vaya
words-told-value-hash = un resumen argon2id; la contraseña misma no se guarda
words-told-value-digest = un resumen con clave de su dirección, en memoria
